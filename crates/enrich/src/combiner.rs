//! From margins to probabilities: multinomial logistic regression over the linear core's margins and, for polarity, the rules' reading.
//!
//! Fitted on margins of texts that the core did not see (out of fold), else it would trust the core on texts it has learned by heart.
//! With a group per text (the domain it comes from) folds keep groups whole, so that the share of the lexicon is what helps on a *new* domain.

use crate::rule::READING_WIDTH;

/// Steps of the fit. The problem has at most some forty numbers and is convex; 400 accelerated steps change the fourth digit no more.
const STEPS: usize = 400;
/// Pull of the reading's weights towards 0, against sets of a few hundred texts.
const DECAY: f32 = 1e-3;

/// `logit[class] = scale × margin[class] + bias[class] + Σ reading × weight`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Combiner {
    pub(crate) scale: f32,
    /// One a class.
    pub(crate) bias: Vec<f32>,
    /// `readings × classes`; empty when the model does not use readings.
    pub(crate) reading_weights: Vec<f32>,
}

/// One text to learn from.
pub(crate) struct Example<'a> {
    /// One a class.
    pub(crate) margins: &'a [f32],
    pub(crate) reading: [f32; READING_WIDTH],
    pub(crate) class: u32,
}

impl Combiner {
    /// Fits on `examples` by accelerated gradient descent (Nesterov 1983) on the mean log loss.
    pub(crate) fn fit(classes: usize, uses_readings: bool, examples: &[Example<'_>]) -> Self {
        let width = if uses_readings { READING_WIDTH } else { 0 };
        let mut at = Self {
            scale: 1.0,
            bias: vec![0.0; classes],
            reading_weights: vec![0.0; width * classes],
        };
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
        let mut probabilities = vec![0.0; classes];
        for iteration in 0..STEPS {
            let mut gradient = Self {
                scale: 0.0,
                bias: vec![0.0; classes],
                reading_weights: vec![0.0; width * classes],
            };
            for example in examples {
                ahead.probabilities(example.margins, &example.reading, &mut probabilities);
                for (class, probability) in probabilities.iter().enumerate() {
                    let error = probability - f32::from(class == example.class as usize);
                    gradient.scale += error * example.margins[class];
                    gradient.bias[class] += error;
                    for (index, value) in example.reading[..width].iter().enumerate() {
                        gradient.reading_weights[index * classes + class] += error * value;
                    }
                }
            }
            let scale = step / examples.len().max(1) as f32;
            let momentum = iteration as f32 / (iteration as f32 + 3.0);
            let advance = |at: &mut f32, ahead: &mut f32, gradient: f32, decay: f32| {
                let next = *ahead - scale * gradient - step * decay * *ahead;
                *ahead = next + momentum * (next - *at);
                *at = next;
            };
            advance(&mut at.scale, &mut ahead.scale, gradient.scale, 0.0);
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

    /// Probabilities of the classes, into `out`.
    pub(crate) fn probabilities(
        &self,
        margins: &[f32],
        reading: &[f32; READING_WIDTH],
        out: &mut [f32],
    ) {
        let classes = self.bias.len();
        for (class, logit) in out.iter_mut().enumerate() {
            *logit = self.scale * margins[class] + self.bias[class];
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
}
