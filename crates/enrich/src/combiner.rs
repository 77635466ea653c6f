//! From margins to probabilities: multinomial logistic regression over the linear core's margins and, for polarity, the rules' reading.
//!
//! Fitted on margins of texts that the core did not see (out of fold), else it would trust the core on texts it has learned by heart.
//! With a group per text (the domain it comes from) folds keep groups whole, so that the share of the lexicon is what helps on a *new* domain.

use rayon::prelude::*;

use crate::rule::READING_WIDTH;

/// Steps of the fit. The problem has at most some forty numbers and is convex; 400 accelerated steps change the fourth digit no more.
const STEPS: usize = 400;
/// Examples whose slopes one thread sums.
const EXAMPLES_A_PART: usize = 1000;
/// Pull of the reading's weights towards 0, against sets of a few hundred texts.
const DECAY: f32 = 1e-3;

/// `logit[class] = Σ scale × margin[class] + bias[class] + Σ reading × weight`, summed over machines and readings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Combiner {
    /// One a machine.
    pub(crate) scales: Vec<f32>,
    /// One a class.
    pub(crate) bias: Vec<f32>,
    /// `readings × classes`; empty when the model does not use readings.
    pub(crate) reading_weights: Vec<f32>,
    /// One a class: added to its logit when a class is named, never to its probability. See [`Combiner::fit_offsets`].
    pub(crate) offsets: Vec<f32>,
}

/// One text to learn from.
#[derive(Clone, Copy)]
pub(crate) struct Example<'a> {
    /// `machines × classes`.
    pub(crate) margins: &'a [f32],
    pub(crate) reading: [f32; READING_WIDTH],
    pub(crate) class: u32,
}

impl Combiner {
    /// Fits on `examples` by accelerated gradient descent (Nesterov 1983) on the mean log loss.
    pub(crate) fn fit(classes: usize, uses_readings: bool, examples: &[Example<'_>]) -> Self {
        let width = if uses_readings { READING_WIDTH } else { 0 };
        let machines = examples.first().map_or(1, |example| example.margins.len() / classes);
        let zero = Self {
            scales: vec![0.0; machines],
            bias: vec![0.0; classes],
            reading_weights: vec![0.0; width * classes],
            offsets: vec![0.0; classes],
        };
        let mut at = Self { scales: vec![1.0; machines], ..zero.clone() };
        let mut ahead = at.clone();
        // Step from the bound of the loss' curvature: half the mean square of what multiplies the parameters.
        let square: f32 = examples
            .iter()
            .map(|example| {
                example.margins.iter().map(|margin| margin * margin).sum::<f32>()
                    + 1.0
                    + example.reading[..width].iter().map(|value| value * value).sum::<f32>()
            })
            .sum::<f32>()
            / examples.len().max(1) as f32;
        let step = 1.0 / (0.5 * square + DECAY);
        for iteration in 0..STEPS {
            // The same sums in the same order on any number of threads.
            let parts: Vec<Self> = examples
                .par_chunks(EXAMPLES_A_PART)
                .map(|examples| ahead.gradient(&zero, examples))
                .collect();
            let mut gradient = zero.clone();
            for part in &parts {
                gradient.add(part);
            }
            let scale = step / examples.len().max(1) as f32;
            let momentum = iteration as f32 / (iteration as f32 + 3.0);
            let advance = |at: &mut f32, ahead: &mut f32, gradient: f32, decay: f32| {
                let next = *ahead - scale * gradient - step * decay * *ahead;
                *ahead = next + momentum * (next - *at);
                *at = next;
            };
            for machine in 0..machines {
                let scale = gradient.scales[machine];
                advance(&mut at.scales[machine], &mut ahead.scales[machine], scale, 0.0);
            }
            for class in 0..classes {
                advance(&mut at.bias[class], &mut ahead.bias[class], gradient.bias[class], 0.0);
            }
            for index in 0..width * classes {
                advance(
                    &mut at.reading_weights[index],
                    &mut ahead.reading_weights[index],
                    gradient.reading_weights[index],
                    DECAY,
                );
            }
        }
        at
    }

    /// Sum of the slopes of the examples' log loss, on top of `zero`.
    fn gradient(&self, zero: &Self, examples: &[Example<'_>]) -> Self {
        let (classes, width) = (self.bias.len(), self.reading_weights.len() / self.bias.len());
        let mut gradient = zero.clone();
        let mut probabilities = vec![0.0; classes];
        for example in examples {
            self.probabilities(example.margins, &example.reading, &mut probabilities);
            for (class, probability) in probabilities.iter().enumerate() {
                let error = probability - f32::from(class == example.class as usize);
                for (machine, scale) in gradient.scales.iter_mut().enumerate() {
                    *scale += error * example.margins[machine * classes + class];
                }
                gradient.bias[class] += error;
                for (index, value) in example.reading[..width].iter().enumerate() {
                    gradient.reading_weights[index * classes + class] += error * value;
                }
            }
        }
        gradient
    }

    fn add(&mut self, other: &Self) {
        let own = self.scales.iter_mut().chain(&mut self.bias).chain(&mut self.reading_weights);
        let others = other.scales.iter().chain(&other.bias).chain(&other.reading_weights);
        for (own, other) in own.zip(others) {
            *own += other;
        }
    }

    /// Chooses the offsets that give the best macro-F1 on `examples`: the likeliest class is the best guess for a text, but a rare class that is
    /// never named counts as much as a frequent one in the mean over classes, and in a user's table.
    ///
    /// Each offset in turn takes the best of a grid, judged with its neighbours so that no peak of chance is taken; all are dropped when they gain little.
    pub(crate) fn fit_offsets(&mut self, examples: &[Example<'_>]) {
        /// Grid: 17 steps of 0.15, a factor of 3.3 in odds to either side.
        const STEP: f32 = 0.15;
        const REACH: i32 = 8;
        /// Less than this is noise in sets of a few thousand texts.
        const GAIN_MIN: f64 = 0.003;
        let classes = self.bias.len();
        let mut logits = vec![0.0f32; examples.len() * classes];
        for (example, logits) in examples.iter().zip(logits.chunks_exact_mut(classes)) {
            self.probabilities(example.margins, &example.reading, logits);
            for logit in logits {
                *logit = logit.max(f32::MIN_POSITIVE).ln();
            }
        }
        let score = |offsets: &[f32]| macro_f1(&logits, offsets, examples);
        let mut offsets = vec![0.0f32; classes];
        for _ in 0..2 {
            for class in 0..classes {
                let steps: Vec<(f64, f32)> = (-REACH..=REACH)
                    .map(|step| {
                        let mut moved = offsets.clone();
                        moved[class] += step as f32 * STEP;
                        (score(&moved), moved[class])
                    })
                    .collect();
                let smoothed = steps.windows(3).map(|near| {
                    let mean = (near[0].0 + 2.0 * near[1].0 + near[2].0) / 4.0;
                    (mean - 2e-4 * f64::from(near[1].1.abs()), near[1].1)
                });
                let best = smoothed.max_by(|left, right| left.0.total_cmp(&right.0));
                offsets[class] = best.expect("the grid has more than three steps").1;
            }
        }
        if score(&offsets) >= score(&self.offsets) + GAIN_MIN {
            self.offsets = offsets;
        }
    }

    /// The class to name for these probabilities.
    pub(crate) fn named(&self, probabilities: &[f32]) -> usize {
        let weighed =
            probabilities.iter().zip(&self.offsets).map(|(share, offset)| share * offset.exp());
        let best = weighed
            .enumerate()
            .fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best });
        best.0
    }

    /// Probabilities of the classes, into `out`; `margins` are `machines × classes`.
    pub(crate) fn probabilities(
        &self,
        margins: &[f32],
        reading: &[f32; READING_WIDTH],
        out: &mut [f32],
    ) {
        let classes = self.bias.len();
        for (class, logit) in out.iter_mut().enumerate() {
            let margins = margins.iter().skip(class).step_by(classes);
            let weighed = self.scales.iter().zip(margins).map(|(scale, margin)| scale * margin);
            *logit = weighed.sum::<f32>() + self.bias[class];
        }
        for (value, weights) in reading.iter().zip(self.reading_weights.chunks_exact(classes)) {
            for (logit, weight) in out.iter_mut().zip(weights) {
                *logit += value * weight;
            }
        }
        let highest = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for logit in out.iter_mut() {
            *logit = (*logit - highest).exp();
            sum += *logit;
        }
        for probability in out {
            *probability /= sum;
        }
    }
}

/// Mean of the classes' F1 when each example is given the class of its highest logit with offset.
fn macro_f1(logits: &[f32], offsets: &[f32], examples: &[Example<'_>]) -> f64 {
    let classes = offsets.len();
    let (mut hits, mut counted) = (vec![0.0f64; classes], vec![0.0f64; classes]);
    for (logits, example) in logits.chunks_exact(classes).zip(examples) {
        let sums = logits.iter().zip(offsets).map(|(logit, offset)| logit + offset);
        let best = sums
            .enumerate()
            .fold((0, f32::NEG_INFINITY), |best, next| if next.1 > best.1 { next } else { best });
        let class = example.class as usize;
        counted[best.0] += 1.0;
        counted[class] += 1.0;
        hits[class] += f64::from(u8::from(best.0 == class));
    }
    let sum: f64 =
        hits.iter().zip(&counted).map(|(hits, counted)| 2.0 * hits / counted.max(1.0)).sum();
    sum / classes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_match_frequencies() {
        // Margin +1 is class 1 in three of four texts.
        let (high, low) = ([-1.0, 1.0], [1.0, -1.0]);
        let reading = [0.0; READING_WIDTH];
        let examples: Vec<Example<'_>> = (0..8)
            .map(|row| Example {
                margins: if row < 4 { &high } else { &low },
                reading,
                class: u32::from((row < 4) != (row % 4 == 0)),
            })
            .collect();
        let combiner = Combiner::fit(2, false, &examples);
        let mut probabilities = [0.0; 2];
        combiner.probabilities(&high, &reading, &mut probabilities);
        assert!((probabilities[1] - 0.75).abs() < 0.01, "{probabilities:?}");
    }

    #[test]
    fn a_rare_class_is_named_when_that_serves_the_mean() {
        // Class 1 is one text in four wherever it stands: never the likeliest, but worth naming there.
        let (unlikely, possible) = ([2.0, -2.0], [0.5, -0.5]);
        let reading = [0.0; READING_WIDTH];
        let examples: Vec<Example<'_>> = (0..200)
            .map(|row| Example {
                margins: if row < 160 { &unlikely } else { &possible },
                reading,
                class: u32::from(row >= 160 && row % 4 == 0),
            })
            .collect();
        let mut combiner = Combiner::fit(2, false, &examples);
        let mut probabilities = [0.0; 2];
        combiner.probabilities(&possible, &reading, &mut probabilities);
        assert_eq!(combiner.named(&probabilities), 0);
        combiner.fit_offsets(&examples);
        assert_eq!(combiner.named(&probabilities), 1);
    }
}
