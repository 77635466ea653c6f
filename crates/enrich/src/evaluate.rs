//! How good a model is on labelled texts.

use std::time::Instant;

use corpus::Polarity;
use serde::Serialize;

use crate::Error;
use crate::enricher::sure_from;
use crate::features::{FeatureBatch, FeatureScratch};
use crate::model::{Model, Task, is_polarities};
use crate::training::{LabelledBatch, builtin_lexicon};

/// Bins of the calibration error, as usual (Guo and others 2017).
const BINS: usize = 15;
/// Points of the abstention curve.
const COVERAGES: [f64; 6] = [1.0, 0.95, 0.9, 0.8, 0.7, 0.5];

/// Figures as shares (0 to 1).
#[derive(Debug, Clone, Serialize)]
pub struct Evaluation {
    /// Texts judged.
    pub texts: usize,
    /// Share judged right.
    pub accuracy: f64,
    /// Mean of the classes' F1.
    pub macro_f1: f64,
    /// One a class that occurs in the labels.
    pub per_class: Vec<ClassEvaluation>,
    /// `confusion[true class][judged class]`, in the order of `per_class`.
    pub confusion: Vec<Vec<u64>>,
    /// Expected calibration error over 15 bins.
    pub calibration_error: f64,
    /// Share of texts that would be stored as unsure: no class is likely enough to be named.
    pub unsure_share: f64,
    /// Accuracy on the share of texts that the model is surest of.
    pub abstention_curve: Vec<CoveragePoint>,
    /// Texts a second on one thread, tokens given: features and model.
    pub docs_per_s: f64,
}

/// One class.
#[derive(Debug, Clone, Serialize)]
pub struct ClassEvaluation {
    /// Its name.
    pub class: String,
    /// Texts that carry it.
    pub texts: u64,
    /// Share of texts judged so that are so.
    pub precision: f64,
    /// Share of its texts that are judged so.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
}

/// Accuracy when the least sure texts are left out.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CoveragePoint {
    /// Share of texts judged.
    pub coverage: f64,
    /// Share of those judged right.
    pub accuracy: f64,
}

/// Judges `labelled` and counts. Where the labels are positive and negative only, a three-way polarity model decides by the sign of its score.
///
/// # Errors
/// [`Error::Label`] for a polarity model and a label that is none.
pub fn evaluate(model: &Model, labelled: &LabelledBatch) -> Result<Evaluation, Error> {
    Ok(judge(model, labelled)?.count())
}

/// What a model said of each text, and what is true.
pub(crate) struct Judged {
    classes: Vec<String>,
    truth: Vec<usize>,
    /// Class and its probability.
    judged: Vec<(usize, f64)>,
    /// Below this probability a judgement is unsure.
    sure_from: f64,
    docs_per_s: f64,
}

impl Judged {
    pub(crate) fn count(&self) -> Evaluation {
        let evaluation = count(&self.classes, &self.truth, &self.judged, self.docs_per_s);
        let unsure = self.judged.iter().filter(|(_, probability)| *probability < self.sure_from);
        let unsure_share = unsure.count() as f64 / self.judged.len().max(1) as f64;
        Evaluation { unsure_share, ..evaluation }
    }

    /// Of each text what the judge of its turn said. All have judged the same texts, and know the same classes.
    pub(crate) fn in_turns(turns: Vec<Option<Self>>, turn_of: &[usize]) -> Option<Self> {
        let judged = turn_of
            .iter()
            .enumerate()
            .map(|(text, turn)| Some(turns.get(*turn)?.as_ref()?.judged[text]))
            .collect::<Option<Vec<_>>>()?;
        let first = turns.into_iter().flatten().next()?;
        Some(Self { judged, ..first })
    }

    /// Whether each text was judged right.
    pub(crate) fn is_right(&self) -> impl Iterator<Item = bool> + '_ {
        self.truth.iter().zip(&self.judged).map(|(truth, (class, _))| truth == class)
    }
}

/// Judges every text of `labelled`.
pub(crate) fn judge(model: &Model, labelled: &LabelledBatch) -> Result<Judged, Error> {
    let judges_polarity = model.task() == Task::Polarity && is_polarities(model.classes());
    let labels = if judges_polarity {
        labelled.polarities()?.iter().map(|polarity| polarity.as_str().to_owned()).collect()
    } else {
        labelled.labels.clone()
    };
    let mut classes = labels.clone();
    classes.extend(model.classes().iter().cloned());
    classes.sort_unstable();
    classes.dedup();
    let neutral = Polarity::Neutral.as_str();
    let by_sign = judges_polarity && !labels.iter().any(|label| label == neutral);
    if by_sign {
        classes.retain(|class| class != neutral);
    }

    let mut features = FeatureBatch::default();
    let mut probabilities = vec![0.0f32; model.classes().len()];
    let mut judged: Vec<(usize, f64)> = Vec::with_capacity(labels.len());
    let columns: Vec<Option<usize>> = model
        .classes()
        .iter()
        .map(|class| classes.iter().position(|known| known == class))
        .collect();
    // Read once a process: not what a text costs.
    let lexicon = builtin_lexicon();
    let start = Instant::now();
    features.build_known(
        lexicon,
        &labelled.tokens,
        |row| &labelled.texts[row],
        &model.known,
        &mut FeatureScratch::default(),
    );
    for text in 0..features.len() {
        model.probabilities(&features, text, &mut probabilities);
        // Under labels of two directions only, the probability of neutral is out of the question.
        for (probability, column) in probabilities.iter_mut().zip(&columns) {
            *probability = if column.is_some() { *probability } else { 0.0 };
        }
        let considered: f32 = probabilities.iter().sum();
        let class = model.named(&probabilities);
        let column = columns[class].unwrap_or_default();
        judged.push((column, f64::from(probabilities[class] / considered)));
    }
    let seconds = start.elapsed().as_secs_f64();
    let truth: Vec<usize> =
        labels.iter().map(|label| classes.partition_point(|class| class < label)).collect();
    let docs_per_s = labels.len() as f64 / seconds.max(1e-9);
    let sure_from = f64::from(sure_from(model.classes().len()));
    Ok(Judged { classes, truth, judged, sure_from, docs_per_s })
}

fn count(
    classes: &[String],
    truth: &[usize],
    judged: &[(usize, f64)],
    docs_per_s: f64,
) -> Evaluation {
    let mut confusion = vec![vec![0u64; classes.len()]; classes.len()];
    let mut bins = [(0.0f64, 0.0f64, 0.0f64); BINS];
    for (truth, (class, probability)) in truth.iter().zip(judged) {
        confusion[*truth][*class] += 1;
        let bin = &mut bins[((probability * BINS as f64) as usize).min(BINS - 1)];
        *bin = (bin.0 + 1.0, bin.1 + probability, bin.2 + f64::from(u8::from(truth == class)));
    }
    let texts = truth.len().max(1) as f64;
    let per_class: Vec<ClassEvaluation> = classes
        .iter()
        .enumerate()
        .map(|(class, name)| {
            let hit = confusion[class][class] as f64;
            let actual: u64 = confusion[class].iter().sum();
            let called: u64 = confusion.iter().map(|row| row[class]).sum();
            let precision = if called == 0 { 0.0 } else { hit / called as f64 };
            let recall = if actual == 0 { 0.0 } else { hit / actual as f64 };
            let f1 = if hit == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
            ClassEvaluation { class: name.clone(), texts: actual, precision, recall, f1 }
        })
        .collect();
    let occurring: Vec<f64> =
        per_class.iter().filter(|class| class.texts > 0).map(|class| class.f1).collect();
    let mut by_sureness: Vec<(f64, bool)> = truth
        .iter()
        .zip(judged)
        .map(|(truth, (class, probability))| (*probability, truth == class))
        .collect();
    by_sureness.sort_by(|left, right| right.0.total_cmp(&left.0));
    let abstention_curve = COVERAGES
        .iter()
        .map(|coverage| {
            let kept = ((coverage * texts).ceil() as usize)
                .clamp(1, by_sureness.len().max(1))
                .min(by_sureness.len());
            let right = by_sureness[..kept].iter().filter(|(_, right)| *right).count();
            CoveragePoint { coverage: *coverage, accuracy: right as f64 / kept.max(1) as f64 }
        })
        .collect();
    Evaluation {
        texts: truth.len(),
        accuracy: (0..classes.len()).map(|class| confusion[class][class]).sum::<u64>() as f64
            / texts,
        macro_f1: occurring.iter().sum::<f64>() / occurring.len().max(1) as f64,
        calibration_error: bins.iter().map(|(_, sure, right)| (sure - right).abs()).sum::<f64>()
            / texts,
        per_class,
        confusion,
        unsure_share: 0.0,
        abstention_curve,
        docs_per_s,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_follow_from_the_confusion() {
        let classes = ["a".to_owned(), "b".to_owned()];
        let evaluation =
            count(&classes, &[0, 0, 1, 1], &[(0, 0.9), (1, 0.6), (1, 0.8), (1, 0.7)], 1.0);
        assert_eq!(evaluation.confusion, [[1, 1], [0, 2]]);
        assert!((evaluation.accuracy - 0.75).abs() < 1e-9);
        assert!((evaluation.macro_f1 - (2.0 / 3.0 + 0.8) / 2.0).abs() < 1e-9);
        assert!((evaluation.abstention_curve[5].accuracy - 1.0).abs() < 1e-9);
        let judged = Judged {
            classes: classes.to_vec(),
            truth: vec![0, 0, 1, 1],
            judged: vec![(0, 0.9), (1, 0.45), (1, 0.8), (1, 0.5)],
            sure_from: 0.5,
            docs_per_s: 1.0,
        };
        assert!((judged.count().unsure_share - 0.25).abs() < 1e-9);
        assert!((evaluation.calibration_error - (0.1 + 0.6 + 0.2 + 0.3) / 4.0).abs() < 1e-9);
    }
}
