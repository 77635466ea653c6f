//! Models on disk: a folder with `model.safetensors` and `card.toml`.
//!
//! The safetensors file holds the numbers, and in its metadata what they are for. The card is for people: data with licence and hash,
//! configuration, figures, intended use and limits. A model of another format, other features or another lexicon is refused with advice.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::Serialize;

use crate::combiner::Combiner;
use crate::evaluate::Evaluation;
use crate::features::FEATURES_VERSION;
use crate::linear::LinearWeights;
use crate::model::{CLASSES_MAX, Model, Task};
use crate::network::{Filters, Network};
use crate::records::Vocabulary;
use crate::rule::READING_WIDTH;
use crate::sequence::Alphabet;
use crate::topics::TopicComparison;
use crate::{Error, fingerprint};

/// Layout of the tensors: of a linear model, and of one with a network.
const FORMAT: &str = "huisheng-linear-2";
const NETWORK_FORMAT: &str = "huisheng-network-1";
const FORMATS: &str = "huisheng-linear-2 or huisheng-network-1";
/// File names inside a model's folder.
const WEIGHTS_FILE: &str = "model.safetensors";
const CARD_FILE: &str = "card.toml";

/// What people should know about a model; written beside it.
#[derive(Debug, Clone, Serialize)]
pub struct ModelCard {
    /// Its name.
    pub name: String,
    /// Day of training, as `YYYY-MM-DD`.
    pub trained_on: String,
    /// What it is for.
    pub intended_use: String,
    /// What it is not for, and where it is weak.
    pub limits: String,
    /// Files it learned from.
    pub data: Vec<CardData>,
    /// How it was trained.
    pub config: CardConfig,
    /// Figures on texts that it did not see.
    pub figures: Vec<CardFigure>,
    /// Of a model of a taxonomy's topics: how it compares with the taxonomy's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topics: Option<TopicComparison>,
}

/// How a model is trained: one configuration for all data sets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CardConfig {
    /// Cost of an error of the plain machine, of the one under log-count ratios, and of the one near to naive Bayes.
    pub cost: f32,
    /// See [`Self::cost`].
    pub cost_ratio: f32,
    /// See [`Self::cost`].
    pub cost_bayes: f32,
    /// Limit on passes over the texts.
    pub passes_max: usize,
    /// Limit on features; the rarest are left out.
    pub features_max: usize,
    /// Filters of the network beside the linear core; 0 without one.
    pub network_filters: usize,
    /// Below this probability of the best class a judgement is unsure.
    pub sure_from: f32,
}

/// One training file.
#[derive(Debug, Clone, Serialize)]
pub struct CardData {
    /// Path or name.
    pub file: String,
    /// Licence of the texts.
    pub licence: String,
    /// Texts used.
    pub texts: usize,
    /// Hash of its bytes; see [`content_hash`].
    pub hash: String,
}

/// One evaluation.
#[derive(Debug, Clone, Serialize)]
pub struct CardFigure {
    /// What it was measured on.
    pub data: String,
    /// Texts judged.
    pub texts: usize,
    /// Share judged right.
    pub accuracy: f64,
    /// Mean of the classes' F1.
    pub macro_f1: f64,
    /// Expected calibration error.
    pub calibration_error: f64,
}

/// The same file with the keys of its header in order. The crate writes metadata in the order of a hash map, which differs from run to run, and the
/// same training must give the same bytes.
fn with_sorted_header(mut bytes: Vec<u8>) -> Vec<u8> {
    let length: [u8; 8] =
        bytes[..8].try_into().expect("a safetensors file begins with the length of its header");
    let header_range = 8..8 + u64::from_le_bytes(length) as usize;
    let header: BTreeMap<String, serde_json::Map<String, serde_json::Value>> =
        serde_json::from_slice(&bytes[header_range.clone()])
            .expect("the crate wrote a JSON header");
    let sorted: BTreeMap<&String, BTreeMap<&String, &serde_json::Value>> =
        header.iter().map(|(name, entry)| (name, entry.iter().collect())).collect();
    let mut written = serde_json::to_vec(&sorted).expect("what was read can be written");
    // The same keys and values take the same room; what is left is the padding that the header had.
    assert!(
        written.len() <= header_range.len(),
        "a sorted header is no longer than an unsorted one"
    );
    written.resize(header_range.len(), b' ');
    bytes[header_range].copy_from_slice(&written);
    bytes
}

/// Hash of a file's bytes, for a card.
pub fn content_hash(bytes: &[u8]) -> String {
    format!("fnv1a64:{:016x}", fingerprint::of(bytes))
}

impl CardFigure {
    /// The card's line for an evaluation on `data`.
    pub fn new(data: &str, evaluation: &Evaluation) -> Self {
        let Evaluation { texts, accuracy, macro_f1, calibration_error, .. } = *evaluation;
        Self { data: data.to_owned(), texts, accuracy, macro_f1, calibration_error }
    }

    /// The same in round numbers: shares with all their digits would tell the number of texts, and with it whether one text more was rated.
    pub fn in_steps_of(self, step: usize) -> Self {
        let rounded = |share: f64| (share * 1000.0).round() / 1000.0;
        Self {
            texts: self.texts / step * step,
            accuracy: rounded(self.accuracy),
            macro_f1: rounded(self.macro_f1),
            calibration_error: rounded(self.calibration_error),
            ..self
        }
    }
}

impl Model {
    /// Writes the model and its card into `folder`, which is made if need be.
    ///
    /// # Errors
    /// [`Error::Write`] with the file.
    pub fn save(&self, folder: &Path, card: &ModelCard) -> Result<(), Error> {
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(|source| Error::Write { path, source })
        };
        std::fs::create_dir_all(folder)
            .map_err(|source| Error::Write { path: folder.to_owned(), source })?;
        write(WEIGHTS_FILE, &self.to_bytes())?;
        write(CARD_FILE, render_card(self, card).as_bytes())
    }

    /// Reads the model in `folder`, whole: the shipped files are 0.7 and 4.8 MB and lie in the program, the largest that training makes has 60 MB,
    /// and all numbers are checked and laid out for look-up anyway. Mapping the file would save one copy of that, 20 ms at most, and let whoever writes to
    /// the file change a judge at work.
    ///
    /// # Errors
    /// [`Error::Read`], [`Error::Incompatible`] for a model of another version, [`Error::Damaged`] for one whose numbers do not fit together.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(WEIGHTS_FILE);
        let bytes =
            std::fs::read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        Self::from_bytes(&path, &bytes)
    }

    /// What its file says it is.
    fn format(&self) -> &'static str {
        if self.network.is_some() { NETWORK_FORMAT } else { FORMAT }
    }

    /// The safetensors file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (keys, idf) = (
            bytes_of(self.vocabulary.keys.iter().map(|key| key.to_le_bytes())),
            float_bytes(&self.vocabulary.idf),
        );
        let (weights, scale) =
            (float_bytes(&self.linear.weights), float_bytes(&self.combiner.scales));
        let (bias, readings) =
            (float_bytes(&self.combiner.bias), float_bytes(&self.combiner.reading_weights));
        let offsets = float_bytes(&self.combiner.offsets);
        let features = self.vocabulary.keys.len();
        let view = |dtype, shape, bytes| {
            TensorView::new(dtype, shape, bytes).expect("the shape is that of the numbers")
        };
        let mut tensors = vec![
            ("keys", view(Dtype::U32, vec![features], &keys)),
            ("idf", view(Dtype::F32, vec![features], &idf)),
            ("weights", view(Dtype::F32, vec![features + 1, self.linear.outputs], &weights)),
            ("scale", view(Dtype::F32, vec![1], &scale)),
            ("bias", view(Dtype::F32, vec![self.classes.len()], &bias)),
            ("offsets", view(Dtype::F32, vec![self.classes.len()], &offsets)),
            (
                "reading_weights",
                view(Dtype::F32, vec![self.combiner.reading_weights.len()], &readings),
            ),
        ];
        let network_bytes = self.network.as_ref().map(NetworkBytes::of);
        if let (Some(network), Some(bytes)) = (&self.network, &network_bytes) {
            let width = network.filters.width();
            let symbols = |view: usize| vec![network.alphabets[view].symbols().len()];
            let weights = |view: usize| vec![network.filters.weights[view].len() / width, width];
            let of_filters = vec![network.filters.filter_bias.len()];
            let of_classes = vec![self.classes.len()];
            tensors.extend([
                ("character_symbols", view(Dtype::U32, symbols(0), &bytes.symbols[0])),
                ("character_weights", view(Dtype::F32, weights(0), &bytes.weights[0])),
                ("word_symbols", view(Dtype::U32, symbols(1), &bytes.symbols[1])),
                ("word_weights", view(Dtype::F32, weights(1), &bytes.weights[1])),
                ("filter_bias", view(Dtype::F32, of_filters.clone(), &bytes.filter_bias)),
                (
                    "network_output",
                    view(Dtype::F32, [of_classes.clone(), of_filters].concat(), &bytes.output),
                ),
                ("network_bias", view(Dtype::F32, of_classes, &bytes.bias)),
            ]);
        }
        let metadata = HashMap::from([
            ("format".to_owned(), self.format().to_owned()),
            ("features".to_owned(), FEATURES_VERSION.to_string()),
            ("task".to_owned(), self.task.as_str().to_owned()),
            ("classes".to_owned(), self.classes.join("\n")),
        ]);
        with_sorted_header(
            serialize(tensors, Some(metadata)).expect("names are distinct and shapes were checked"),
        )
    }

    /// Reads a safetensors file; `path` is named in errors.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let damaged = |problem: String| Error::Damaged { path: path.to_owned(), problem };
        let (_, header) =
            SafeTensors::read_metadata(bytes).map_err(|error| damaged(error.to_string()))?;
        let stated = |name: &str| {
            header.metadata().as_ref().and_then(|all| all.get(name)).cloned().unwrap_or_default()
        };
        let format = stated("format");
        let has_network = format == NETWORK_FORMAT;
        let features_version = FEATURES_VERSION.to_string();
        for (what, is_readable, found, expected) in [
            ("format", has_network || format == FORMAT, format, FORMATS),
            (
                "features",
                stated("features") == features_version,
                stated("features"),
                &features_version,
            ),
        ] {
            if !is_readable {
                let expected = expected.to_owned();
                return Err(Error::Incompatible { path: path.to_owned(), what, found, expected });
            }
        }
        let task = match stated("task").as_str() {
            "polarity" => Task::Polarity,
            "topic" => Task::Topic,
            "topics" => Task::Topics,
            found => {
                let expected = "polarity, topic or topics".to_owned();
                return Err(Error::Incompatible {
                    path: path.to_owned(),
                    what: "task",
                    found: found.to_owned(),
                    expected,
                });
            }
        };
        let classes: Vec<String> = stated("classes").lines().map(str::to_owned).collect();
        let tensors =
            SafeTensors::deserialize(bytes).map_err(|error| damaged(error.to_string()))?;
        let words = |name: &str| -> Result<Vec<[u8; 4]>, Error> {
            let tensor = tensors.tensor(name).map_err(|error| damaged(error.to_string()))?;
            let (words, rest) = tensor.data().as_chunks::<4>();
            if rest.is_empty() {
                Ok(words.to_vec())
            } else {
                Err(damaged(format!("{name} does not hold 32-bit numbers")))
            }
        };
        let floats = |name: &str| -> Result<Vec<f32>, Error> {
            let numbers: Vec<f32> = words(name)?.into_iter().map(f32::from_le_bytes).collect();
            if numbers.iter().all(|number| number.is_finite()) {
                Ok(numbers)
            } else {
                Err(damaged(format!("{name} holds numbers that are none")))
            }
        };
        let numbers = |name: &str| -> Result<Vec<u32>, Error> {
            Ok(words(name)?.into_iter().map(u32::from_le_bytes).collect())
        };
        let vocabulary = Vocabulary { keys: numbers("keys")?, idf: floats("idf")? };
        let outputs = if classes.len() == 2 { 1 } else { classes.len() };
        let linear = LinearWeights { outputs, weights: floats("weights")? };
        let combiner = Combiner {
            scales: floats("scale")?,
            offsets: floats("offsets")?,
            bias: floats("bias")?,
            reading_weights: floats("reading_weights")?,
        };
        let network = if has_network {
            let symbols = [numbers("character_symbols")?, numbers("word_symbols")?];
            if !symbols.iter().all(|symbols| symbols.is_sorted_by(|left, right| left < right)) {
                return Err(damaged("symbols are not in order".to_owned()));
            }
            let alphabets = symbols.map(Alphabet::new);
            let filters = Filters {
                classes: classes.len(),
                weights: [floats("character_weights")?, floats("word_weights")?],
                filter_bias: floats("filter_bias")?,
                output: floats("network_output")?,
                bias: floats("network_bias")?,
            };
            if !filters.fits(&alphabets) {
                return Err(damaged("the network's numbers do not fit the rest".to_owned()));
            }
            Some(Network::new(alphabets, filters))
        } else {
            None
        };

        let fits = [
            ((2..=CLASSES_MAX).contains(&classes.len()), "the number of classes"),
            (
                vocabulary.keys.is_sorted() && vocabulary.keys.len() == vocabulary.idf.len(),
                "keys and idf",
            ),
            (linear.weights.len() == (vocabulary.keys.len() + 1) * outputs, "weights"),
            (
                combiner.scales.len() == 1
                    && combiner.bias.len() == classes.len()
                    && combiner.offsets.len() == classes.len(),
                "scale, bias and offsets",
            ),
            (
                [0, READING_WIDTH * classes.len()].contains(&combiner.reading_weights.len()),
                "reading weights",
            ),
        ];
        if let Some((_, what)) = fits.iter().find(|(fits, _)| !fits) {
            return Err(damaged(format!("{what} do not fit the rest")));
        }
        Ok(Self::new(task, classes, vocabulary, linear, network, combiner))
    }

    /// The polarity model this program was built with.
    ///
    /// # Errors
    /// None for the file in the repository: a test opens it.
    pub fn shipped_polarity() -> Result<Self, Error> {
        Self::from_bytes(
            &PathBuf::from("data/models/polarity/model.safetensors"),
            include_bytes!("../../../data/models/polarity/model.safetensors"),
        )
    }

    /// The model of the shipped taxonomy's topics that this program was built with.
    ///
    /// # Errors
    /// As [`Self::shipped_polarity`].
    pub fn shipped_topics() -> Result<Self, Error> {
        Self::from_bytes(
            &PathBuf::from("data/models/topics/model.safetensors"),
            include_bytes!("../../../data/models/topics/model.safetensors"),
        )
    }
}

/// A network's numbers as a file holds them.
struct NetworkBytes {
    symbols: [Vec<u8>; 2],
    weights: [Vec<u8>; 2],
    filter_bias: Vec<u8>,
    output: Vec<u8>,
    bias: Vec<u8>,
}

impl NetworkBytes {
    fn of(network: &Network) -> Self {
        let Network { alphabets, filters, .. } = network;
        Self {
            symbols: [0, 1].map(|view| {
                bytes_of(alphabets[view].symbols().iter().map(|symbol| symbol.to_le_bytes()))
            }),
            weights: [0, 1].map(|view| float_bytes(&filters.weights[view])),
            filter_bias: float_bytes(&filters.filter_bias),
            output: float_bytes(&filters.output),
            bias: float_bytes(&filters.bias),
        }
    }
}

fn bytes_of(words: impl Iterator<Item = [u8; 4]>) -> Vec<u8> {
    words.flatten().collect()
}

fn float_bytes(numbers: &[f32]) -> Vec<u8> {
    bytes_of(numbers.iter().map(|number| number.to_le_bytes()))
}

/// The card as TOML, with what the model itself knows in front.
fn render_card(model: &Model, card: &ModelCard) -> String {
    #[derive(Serialize)]
    struct Rendered<'a> {
        task: &'a str,
        classes: &'a [String],
        features: usize,
        format: &'a str,
        features_version: u32,
        fingerprint: String,
        #[serde(rename = "card")]
        card: &'a ModelCard,
    }
    let rendered = Rendered {
        task: model.task.as_str(),
        classes: &model.classes,
        features: model.feature_count(),
        format: model.format(),
        features_version: FEATURES_VERSION,
        fingerprint: model.fingerprint(),
        card,
    };
    toml::to_string(&rendered).expect("a card holds strings, numbers and lists of tables")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::training::{LabelledBatch, LabelledText, train_polarity, train_topic};

    fn labelled(labels: [&str; 2]) -> LabelledBatch {
        let rows = (0..40).map(|row| {
            let (label, text) = if row % 2 == 0 {
                (labels[0], format!("饭菜难吃{row}号"))
            } else {
                (labels[1], format!("班车准时{row}号"))
            };
            LabelledText { text, label: label.to_owned(), group: None }
        });
        LabelledBatch::new(rows, |texts, tokens| {
            fixture::cut(&texts.iter().map(String::as_str).collect::<Vec<_>>(), tokens)
        })
    }

    fn card() -> ModelCard {
        ModelCard {
            name: "test".into(),
            trained_on: "2026-11-21".into(),
            intended_use: "tests".into(),
            limits: "none".into(),
            data: vec![CardData {
                file: "a.tsv".into(),
                licence: "Apache-2.0".into(),
                texts: 40,
                hash: content_hash(b"a"),
            }],
            config: train_topic(&labelled(["食堂", "通勤"])).unwrap().config(),
            figures: Vec::new(),
            topics: None,
        }
    }

    #[test]
    fn round_figures_tell_no_count() {
        let figure = CardFigure {
            data: "held out".into(),
            texts: 242,
            accuracy: 204.0 / 242.0,
            macro_f1: 0.842_911,
            calibration_error: 0.012_345,
        };
        let round = figure.in_steps_of(100);
        assert_eq!((round.texts, round.accuracy), (200, 0.843));
        assert_eq!((round.macro_f1, round.calibration_error), (0.843, 0.012));
    }

    fn check_refused(bytes: &[u8], expected: &str) {
        let message = Model::from_bytes(Path::new("m"), bytes).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_saved_model_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let model = train_topic(&labelled(["食堂", "通勤"])).unwrap();
        model.save(folder.path(), &card()).unwrap();
        let read = Model::load(folder.path()).unwrap();
        assert_eq!(read.to_bytes(), model.to_bytes());
        assert_eq!((read.classes(), read.fingerprint()), (model.classes(), model.fingerprint()));
        let card: toml::Value =
            toml::from_str(&std::fs::read_to_string(folder.path().join(CARD_FILE)).unwrap())
                .unwrap();
        assert_eq!(card["card"]["data"][0]["licence"].as_str(), Some("Apache-2.0"));
        assert_eq!(card["card"]["config"]["passes_max"].as_integer(), Some(12));
    }

    /// Enough texts for a network.
    fn many_labelled() -> LabelledBatch {
        let rows = (0..1200).map(|row| {
            let label = if row % 2 == 0 { "食堂" } else { "通勤" };
            let text = format!("{}{label}{}", row % 7, if row % 3 == 0 { "不好" } else { "好" });
            LabelledText { text, label: label.to_owned(), group: None }
        });
        LabelledBatch::new(rows, |texts, tokens| {
            fixture::cut(&texts.iter().map(String::as_str).collect::<Vec<_>>(), tokens)
        })
    }

    #[test]
    fn a_model_with_a_network_reads_back_and_judges_the_same() {
        let batch = many_labelled();
        let model = train_topic(&batch).unwrap();
        let bytes = model.to_bytes();
        let read = Model::from_bytes(Path::new("m"), &bytes).unwrap();
        assert!(read.network.is_some() && model.config().network_filters > 0);
        assert_eq!(read.to_bytes(), bytes);
        assert_eq!(read.fingerprint(), model.fingerprint());
        let features = batch.features();
        let probabilities = |model: &Model| {
            let mut probabilities = [0.0; 2];
            model.probabilities(&features, 5, &mut probabilities);
            probabilities
        };
        assert_eq!(probabilities(&read), probabilities(&model));
        assert_eq!(train_topic(&batch).unwrap().to_bytes(), bytes);
    }

    #[test]
    fn a_network_that_does_not_fit_its_alphabets_is_damaged() {
        let mut model = train_topic(&many_labelled()).unwrap();
        model.network.as_mut().unwrap().filters.weights[1].pop();
        // The shape in the file must be whole: a row of filters less.
        let width = model.network.as_ref().unwrap().filters.width();
        let weights = &mut model.network.as_mut().unwrap().filters.weights[1];
        weights.truncate(weights.len() / width * width);
        check_refused(
            &model.to_bytes(),
            "model m is damaged: the network's numbers do not fit the rest",
        );
    }

    #[test]
    fn training_twice_gives_the_same_bytes() {
        let set = labelled(["neg", "pos"]);
        assert_eq!(
            train_polarity(&set).unwrap().to_bytes(),
            train_polarity(&set).unwrap().to_bytes()
        );
    }

    #[test]
    fn other_models_are_refused_with_advice() {
        let bytes = train_polarity(&labelled(["0", "1"])).unwrap().to_bytes();
        let at =
            bytes.windows(FORMAT.len()).position(|window| window == FORMAT.as_bytes()).unwrap();
        let mut older = bytes.clone();
        older[at + FORMAT.len() - 1] = b'0';
        check_refused(
            &older,
            "model m has format \"huisheng-linear-0\" and this program reads \"huisheng-linear-2 or huisheng-network-1\" (hint: train it again",
        );
        check_refused(&bytes[..bytes.len() - 8], "model m is damaged");
        check_refused(b"", "model m is damaged");
    }

    #[test]
    fn the_shipped_model_opens_and_is_small() {
        let model = Model::shipped_polarity().unwrap();
        assert_eq!(model.classes(), ["negative", "neutral", "positive"]);
        assert!(model.to_bytes().len() < 8 << 20);
    }
}
