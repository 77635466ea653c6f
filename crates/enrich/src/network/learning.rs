//! How the filters learn: one text at a time, down the slope of its log loss.

use linfa::ParamGuard;
use linfa::dataset::{DatasetBase, Records};
use linfa::traits::Fit;
use rayon::prelude::*;

use crate::Error;
use crate::network::{FILTERS, Filters, WINDOWS, in_window};
use crate::sequence::{SequenceRecords, VIEWS};
use crate::solver::{Generator, shuffle};

/// Networks that learn apart.
const MEMBERS: usize = 2;
/// Filters of a view in one member.
const MEMBER_FILTERS: usize = FILTERS / MEMBERS;
/// Weights begin within this of 0.
const START: f32 = 0.1;
/// Squared slopes that a weight has seen before it learns, so that its first step is no leap (AdaGrad: Duchi, Hazan and Singer 2011).
const SEEN_OUTPUT: f32 = 1e-3;
const SEEN_FILTER: f32 = 1e-4;
/// A filter's own number moves with every text, and needs smaller steps than a symbol's.
const BIAS_SHARE: f32 = 0.2;

/// Checked parameters. One set serves every data set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NetworkValidParams {
    /// Length of the first steps; the last one has none.
    pub(crate) rate: f32,
    /// Share of filters that are silent while a text is learned (Srivastava and others 2014).
    pub(crate) silent: f32,
    /// Passes over the texts: no more than make [`Self::steps`] of them, within these bounds.
    pub(crate) passes: [usize; 2],
    pub(crate) steps: usize,
    /// Classes to tell apart.
    pub(crate) classes: usize,
}

/// Unchecked [`NetworkValidParams`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct NetworkParams(pub(crate) NetworkValidParams);

impl NetworkParams {
    /// The one configuration, chosen by cross-validation inside the training parts of ten public sets.
    pub(crate) fn new(classes: usize) -> Self {
        // With 50,000 texts 3 passes are as good as 6 to 0.1; with 5,000 twelve are as good as eight.
        Self(NetworkValidParams { rate: 0.1, silent: 0.5, passes: [4, 8], steps: 120_000, classes })
    }
}

impl ParamGuard for NetworkParams {
    type Checked = NetworkValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&NetworkValidParams, Error> {
        let params = &self.0;
        let refused =
            |parameter, found, expected| Err(Error::Parameter { parameter, found, expected });
        if !(params.rate > 0.0 && params.rate.is_finite()) {
            return refused("rate", params.rate.into(), "above 0");
        }
        if !(0.0..1.0).contains(&params.silent) {
            return refused("silent", params.silent.into(), "0 or more and below 1");
        }
        if params.classes < 2 {
            return refused("classes", params.classes as f64, "2 or more");
        }
        Ok(params)
    }

    fn check(self) -> Result<NetworkValidParams, Error> {
        self.check_ref().copied()
    }
}

/// Targets are the class of each row.
impl Fit<SequenceRecords, Vec<u32>, Error> for NetworkValidParams {
    type Object = Filters;

    fn fit(&self, dataset: &DatasetBase<SequenceRecords, Vec<u32>>) -> Result<Filters, Error> {
        let members: Vec<Filters> = (0..MEMBERS as u64)
            .into_par_iter()
            .map(|member| {
                let generator = Generator::new(member);
                Learner::new(self, &dataset.records, generator)
                    .learn(&dataset.records, &dataset.targets)
            })
            .collect();
        Ok(Filters::joined(&members))
    }
}

impl Filters {
    /// One network whose margins are the mean of those of `members`, which read the same alphabets.
    fn joined(members: &[Self]) -> Self {
        let first = &members[0];
        let share = 1.0 / members.len() as f32;
        // Row by row, the filters of one member after those of the other.
        let beside = |rows: usize, row: &dyn Fn(&Self, usize) -> Vec<f32>| -> Vec<f32> {
            (0..rows).flat_map(|index| members.iter().flat_map(move |m| row(m, index))).collect()
        };
        let part = |numbers: &[f32], width: usize, index: usize| -> Vec<f32> {
            numbers[index * width..][..width].to_vec()
        };
        let weights = [0, 1].map(|view| {
            let rows = first.weights[view].len() / first.width();
            beside(rows, &|member, row| part(&member.weights[view], member.width(), row))
        });
        let filter_bias =
            beside(VIEWS, &|member, row| part(&member.filter_bias, member.width(), row));
        let output = beside(VIEWS * first.classes, &|member, row| {
            let row = part(&member.output, member.width(), row);
            row.into_iter().map(|weight| weight * share).collect()
        });
        let bias = (0..first.classes)
            .map(|class| members.iter().map(|member| member.bias[class]).sum::<f32>() * share)
            .collect();
        Self { classes: first.classes, weights, filter_bias, output, bias }
    }

    /// The sum of the best window of each filter of a view, and where that window ends; 0 for a filter that finds none above it.
    pub(super) fn pool(&self, view: usize, places: &[u32], highest: &mut [f32], ends: &mut [u32]) {
        let (width, window) = (self.width(), WINDOWS[view]);
        let mut sums = [0.0f32; FILTERS];
        let sums = &mut sums[..width];
        highest.fill(0.0);
        for end in 0..places.len() + window - 1 {
            sums.copy_from_slice(&self.filter_bias[view * width..][..width]);
            for (position, place) in in_window(places, window, end) {
                let row = &self.weights[view][(place as usize * window + position) * width..];
                for (sum, weight) in sums.iter_mut().zip(&row[..width]) {
                    *sum += weight;
                }
            }
            for ((sum, highest), ends) in sums.iter().zip(&mut *highest).zip(&mut *ends) {
                let is_better = *sum > *highest;
                *ends = if is_better { end as u32 } else { *ends };
                *highest = if is_better { *sum } else { *highest };
            }
        }
    }
}

/// A member while it learns.
struct Learner<'a> {
    params: &'a NetworkValidParams,
    generator: Generator,
    filters: Filters,
    /// Sum of the squared slopes that each weight has seen, laid out as the weights.
    seen: Filters,
}

/// What the filters say of a text, and what they are to learn from it.
struct Activity {
    /// `views × filters`; 0 for a filter that is silent.
    highest: Vec<f32>,
    /// The end of the window that said so.
    ends: Vec<u32>,
    slopes: Vec<f32>,
    probabilities: Vec<f32>,
}

impl<'a> Learner<'a> {
    fn new(
        params: &'a NetworkValidParams,
        records: &SequenceRecords,
        mut generator: Generator,
    ) -> Self {
        let (width, classes) = (MEMBER_FILTERS, params.classes);
        let sizes = [0, 1].map(|view| records.alphabet_sizes[view] * WINDOWS[view] * width);
        let mut within = |reach: f32, count: usize| -> Vec<f32> {
            (0..count).map(|_| (2.0 * generator.unit() - 1.0) * reach).collect()
        };
        let filters = Filters {
            classes,
            weights: sizes.map(|size| within(START, size)),
            filter_bias: vec![0.0; VIEWS * width],
            output: within(((VIEWS * width) as f32).sqrt().recip(), classes * VIEWS * width),
            bias: vec![0.0; classes],
        };
        let seen = Filters {
            classes,
            weights: sizes.map(|size| vec![SEEN_FILTER; size]),
            filter_bias: vec![SEEN_OUTPUT; VIEWS * width],
            output: vec![SEEN_OUTPUT; classes * VIEWS * width],
            bias: vec![SEEN_OUTPUT; classes],
        };
        Self { params, generator, filters, seen }
    }

    fn learn(mut self, records: &SequenceRecords, targets: &[u32]) -> Filters {
        let NetworkValidParams { passes: [least, most], steps, rate, .. } = *self.params;
        let rows = records.nsamples();
        let passes = (steps / rows.max(1)).clamp(least, most);
        let filters = self.filters.filter_bias.len();
        let mut activity = Activity {
            highest: vec![0.0; filters],
            ends: vec![0; filters],
            slopes: vec![0.0; filters],
            probabilities: vec![0.0; self.params.classes],
        };
        let mut order: Vec<u32> = (0..rows as u32).collect();
        let total = (passes * rows) as f32;
        for pass in 0..passes {
            shuffle(&mut order, &mut self.generator);
            for (index, row) in order.iter().enumerate() {
                let done = (pass * rows + index) as f32 / total;
                self.see(records, *row as usize, &mut activity);
                let class = targets[*row as usize] as usize;
                self.step(records, *row as usize, class, rate * (1.0 - done), &mut activity);
            }
        }
        self.filters
    }

    /// What the filters that are not silent say of a row, and the probabilities that follow.
    fn see(&mut self, records: &SequenceRecords, row: usize, activity: &mut Activity) {
        let Activity { highest, ends, probabilities, .. } = activity;
        let width = MEMBER_FILTERS;
        let views = highest.chunks_exact_mut(width).zip(ends.chunks_exact_mut(width));
        for (view, (highest, ends)) in views.enumerate() {
            let places = records.row(view, row);
            self.filters.pool(view, places, highest, ends);
        }
        let loudness = 1.0 / (1.0 - self.params.silent);
        for value in highest {
            let speaks = self.generator.unit() >= self.params.silent;
            *value = if speaks { *value * loudness } else { 0.0 };
        }
        probabilities.fill(0.0);
        self.filters.add_margins(&activity.highest, probabilities);
        let most = probabilities.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for value in probabilities.iter_mut() {
            *value = (*value - most).exp();
        }
        let sum: f32 = probabilities.iter().sum();
        for value in probabilities {
            *value /= sum;
        }
    }

    /// One step down the slope of the row's log loss: the classes' weights, and the winning window of each filter that spoke.
    fn step(
        &mut self,
        records: &SequenceRecords,
        row: usize,
        class: usize,
        rate: f32,
        activity: &mut Activity,
    ) {
        let Activity { highest, ends, slopes, probabilities } = activity;
        let (filters, seen) = (&mut self.filters, &mut self.seen);
        let (width, count) = (MEMBER_FILTERS, highest.len());
        slopes.fill(0.0);
        for (other, probability) in probabilities.iter().enumerate() {
            let error = probability - f32::from(u8::from(other == class));
            let weights = &mut filters.output[other * count..][..count];
            let seen_weights = &mut seen.output[other * count..][..count];
            for filter in 0..count {
                if highest[filter] > 0.0 {
                    slopes[filter] += error * weights[filter];
                    let slope = error * highest[filter];
                    advance(&mut weights[filter], &mut seen_weights[filter], slope, rate);
                }
            }
            advance(&mut filters.bias[other], &mut seen.bias[other], error, rate);
        }
        let loudness = 1.0 / (1.0 - self.params.silent);
        for filter in (0..count).filter(|filter| highest[*filter] > 0.0) {
            let (slope, view) = (slopes[filter] * loudness, filter / width);
            let (bias, seen_bias) =
                (&mut filters.filter_bias[filter], &mut seen.filter_bias[filter]);
            advance(bias, seen_bias, slope, BIAS_SHARE * rate);
            let (places, window) = (records.row(view, row), WINDOWS[view]);
            for (position, place) in in_window(places, window, ends[filter] as usize) {
                let at = (place as usize * window + position) * width + filter % width;
                advance(&mut filters.weights[view][at], &mut seen.weights[view][at], slope, rate);
            }
        }
    }
}

fn advance(weight: &mut f32, seen: &mut f32, slope: f32, rate: f32) {
    *seen += slope * slope;
    *weight -= rate * slope / seen.sqrt();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_checked() {
        let check = |change: fn(&mut NetworkValidParams), expected: &str| {
            let mut params = NetworkParams::new(2);
            change(&mut params.0);
            let message = params.check().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        };
        check(|params| params.rate = f32::NAN, "rate");
        check(|params| params.silent = 1.0, "silent");
        check(|params| params.classes = 1, "classes");
    }
}
