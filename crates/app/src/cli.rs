//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use corpus::{Day, Period, Polarity, SourceId, TopicId, UnitId, Visibility};
use detect::Rule;

/// Chinese feedback and opinion analytics: search, trends that keep their promise, and a digest in which every number can be traced.
#[derive(Debug, Parser)]
#[command(
    name = "huisheng",
    version,
    about,
    after_help = "Exit codes: 0 done, 1 done with quarantined documents, 2 not done."
)]
pub(crate) struct Cli {
    /// Settings file; without it `huisheng.toml` in the current folder, if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the store.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Print JSON for machines.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log what each batch did; twice for more. Never the text of a document.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build a store from data/sample, compare what is found with what was planted, write the digest, serve the pages.
    Demo(Demo),
    /// Bring in files once.
    Import(Import),
    /// Read every source that the settings declare, from where the last run stopped.
    Ingest,
    /// Find documents.
    Search(Search),
    /// Look for shifts of polarity, in the store or in a file of series, or for emerging topics in a file of documents.
    Detect(Detect),
    /// Release closed periods and write the digest of one.
    Digest(Digest),
    /// Write the released figures behind which enough people stand for a file.
    Export(Export),
    /// Answer a text that came with a receipt, and let its holder read the reply or withdraw the text.
    #[command(subcommand, visible_alias = "receipts")]
    Receipt(Receipt),
    /// Who agrees to a disclosure limit below its default: it takes two administrators.
    #[command(subcommand)]
    Limits(Limits),
    /// Serve search, trends and digest on loopback.
    Serve(Serve),
    /// Work on the search index.
    #[command(subcommand)]
    Index(Index),
    /// Close months and weeks: their numbers are final, and with a month its pseudonym keys are destroyed.
    #[command(subcommand)]
    Periods(Periods),
    /// Delete documents for good, from table, index and every file.
    Erase(Erase),
    /// Check what the store holds: counts, index against table, audit log.
    Verify,
    /// Train a model on labelled text.
    Train(Train),
    /// Judge stored texts anew.
    Enrich(Enrich),
    /// Choose what to label next.
    #[command(subcommand)]
    Labels(Labels),
    /// Measure a model on labelled text.
    Eval(Eval),
    /// Tell what a text praises and what it complains of, clause by clause, or count that over a file.
    Analyze(Analyze),
    /// Find what the texts of a file or of the store are about when nobody has said so.
    #[command(subcommand)]
    Topics(Topics),
    /// Cut text into words, or show why it is cut so.
    Segment(Segment),
    /// Check a word list, find frequencies, see what a list would change.
    #[command(subcommand)]
    Lexicon(Lexicon),
    /// Find identifiers in text.
    Redact(Redact),
    /// Print the facts that an impact assessment needs.
    #[command(subcommand)]
    Privacy(Privacy),
    /// Measure the speed of every stage on a corpus of yours, beside jieba alone and a plain index.
    Bench(Bench),
    /// Check or show settings.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Stop after the digest.
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// Folder of the sample.
    #[arg(long, value_name = "DIR")]
    pub(crate) sample: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// JSON Lines, CSV, TSV (each also .gz), XLSX or Parquet files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Name of the source.
    #[arg(long)]
    pub(crate) source: SourceId,
    /// Which column is which, e.g. `text=内容,posted_at=时间,unit=单位,rating=评分,author=工号`.
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    pub(crate) map: Option<String>,
    /// Who can read the texts where they came from: `confidential` or `open`.
    #[arg(long, default_value = "confidential")]
    pub(crate) visibility: Visibility,
    /// Format, when the file names do not tell: jsonl, csv, tsv, xlsx, parquet.
    #[arg(long)]
    pub(crate) format: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// Words; `"…"` for a phrase, `-` before what must not occur.
    #[arg(default_value = "", allow_hyphen_values = true)]
    pub(crate) text: String,
    /// First day.
    #[arg(long)]
    pub(crate) from: Option<Day>,
    /// Last day.
    #[arg(long)]
    pub(crate) to: Option<Day>,
    /// One source.
    #[arg(long)]
    pub(crate) source: Option<SourceId>,
    /// One unit.
    #[arg(long)]
    pub(crate) unit: Option<UnitId>,
    /// One topic. Of open sources its narrower topics are shown too.
    #[arg(long)]
    pub(crate) topic: Option<TopicId>,
    /// negative, neutral or positive.
    #[arg(long)]
    pub(crate) polarity: Option<Polarity>,
    /// Hits to show.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) limit: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Detect {
    /// Read series from a file instead of the store: `{"id","start","counts":[[positive,negative,neutral]|null,…]}` a line.
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(crate) series: Option<PathBuf>,
    /// Look for emerging topics instead, in a file of documents in time order: `{"id","text","created_at"}` a line.
    #[arg(long, value_name = "FILE", requires = "out", conflicts_with_all = ["series", "mode"])]
    pub(crate) stream: Option<PathBuf>,
    /// Where the alarms go: of --series as `{"id":[{"day","dir"}]}`, of --stream as `[{"day","terms","ids","kind","number","continues"}]`.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Which promise; without it what the settings say.
    #[arg(long)]
    pub(crate) mode: Option<DetectMode>,
    /// Run a rule over the released past of the store: calibrated@2 or guaranteed@0.5 (false alarms a year, all series together), or z@3, the rule of most
    /// dashboards (7 days against the 28 before, alarm beyond 3 standard errors). Says how often it would have spoken, which marked events it would have found
    /// and what reading its alarms costs.
    #[arg(long, value_name = "RULE", conflicts_with_all = ["series", "stream", "mode", "out"])]
    pub(crate) backtest: Option<Rule>,
    /// First day of the back-test; without it the store's first day and eight weeks.
    #[arg(long, value_name = "DAY", requires = "backtest")]
    pub(crate) from: Option<Day>,
    /// Last day of the back-test; without it the store's last day.
    #[arg(long, value_name = "DAY", requires = "backtest")]
    pub(crate) to: Option<Day>,
    /// Marked events, one a line: `{"name","begins":"2025-03-09","series":{"unit","topic","source"},"direction":"neg"|"pos"}`; series and direction may be left out.
    #[arg(long, value_name = "FILE", requires = "backtest")]
    pub(crate) events: Option<PathBuf>,
    /// Minutes that it takes to look into one alarm.
    #[arg(long, value_name = "N", default_value_t = 15.0)]
    pub(crate) minutes: f64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DetectMode {
    Calibrated,
    Guaranteed,
}

#[derive(Debug, Args)]
pub(crate) struct Digest {
    /// Month or week to report, e.g. 2026-03 or 2026-03-09/2026-03-15; without it the last released one.
    #[arg(long, alias = "month")]
    pub(crate) period: Option<Period>,
    /// Folder for digest.html, digest.csv and digest.json; without it `digests/` in the store.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The file; its ending says the format: .csv, .jsonl or .parquet.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Receipt {
    /// Print new codes for a form to hand out, each once; nothing of them is kept until a text comes with one (`--map receipt=COLUMN`).
    Issue {
        /// How many.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        count: u32,
    },
    /// Reply to a text that may be read: of an open source by its id, of a confidential one by a passage that a search quotes.
    Reply(Reply),
    /// Read the reply to the texts of a code.
    Show {
        /// The code; without it a line of standard input, which no list of processes shows.
        code: Option<String>,
    },
    /// Withdraw the texts of a code: they are erased.
    Withdraw {
        /// The code; without it a line of standard input, which no list of processes shows.
        code: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Limits {
    /// Print what the settings ask for, what is in force, and who has agreed.
    Show,
    /// Name an administrator and print the code that nobody else is to have, once. From the third on it takes the codes of two, on standard input.
    Appoint {
        /// As the digest is to name them.
        name: String,
    },
    /// Agree to the limits that the settings ask for. The code is a line of standard input.
    Agree {
        /// Whose code it is.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Reply {
    /// Id of a document of an open source, as search shows it.
    #[arg(long, value_name = "ID", required_unless_present = "query")]
    pub(crate) document: Option<corpus::DocumentId>,
    /// What to search confidential sources for.
    #[arg(long, value_name = "TEXT", requires = "passage", conflicts_with = "document")]
    pub(crate) query: Option<String>,
    /// The passage that is answered, as that search quotes it.
    #[arg(long, value_name = "TEXT", requires = "query")]
    pub(crate) passage: Option<String>,
    /// The reply.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: String,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on; loopback only.
    #[arg(long)]
    pub(crate) address: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Index {
    /// Throw the index away and make it again from the table.
    Rebuild,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Periods {
    /// Close every period whose grace is over.
    Close,
    /// List closed periods.
    Show,
}

#[derive(Debug, Args)]
pub(crate) struct Erase {
    /// Ids of documents, as search shows them.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<corpus::DocumentId>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ModelKind {
    Polarity,
    Topic,
}

#[derive(Debug, Args)]
pub(crate) struct Train {
    pub(crate) kind: ModelKind,
    /// Labelled lines: `{"text","label"}`, or TSV as in data/labels; also what `labels suggest` prints, corrected. With --taxonomy also `{"text","labels":[…]}`, all topics of a text, and `{"text"}`.
    #[arg(long, value_name = "FILE", required_unless_present = "from_store")]
    pub(crate) train: Vec<PathBuf>,
    /// Labelled lines that are not trained on, to choose by and to report.
    #[arg(long, value_name = "FILE")]
    pub(crate) dev: Option<PathBuf>,
    /// Folder for the model and its card.
    #[arg(long, value_name = "DIR", required_unless_present = "from_store")]
    pub(crate) out: Option<PathBuf>,
    /// Learn to name the topics of a taxonomy where none of its words stands: from the texts in which one does, and from labels. Without FILE the shipped
    /// one. The model is written only if words and model together are better than the words alone on labelled lines that it has not learned from.
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "from_store")]
    pub(crate) taxonomy: Option<Option<PathBuf>>,
    /// Learn from the store's texts. Polarity: from the ratings that came with them; the best quarter of a scale (4 and 5 of 5 stars) is praise, the worst
    /// complaint, the middle (3 stars) neutral or left out, whichever serves better; and from the labels by hand of --train. Topics: from the texts that hold a word of the store's taxonomy, and
    /// from the labelled lines of --train. The new model is written to --out, or put to use by --install, only if it is better than the one in use on
    /// ratings or labels held out.
    #[arg(long)]
    pub(crate) from_store: bool,
    /// Make the new model the store's own and judge every stored text by it, if it is better. What is released keeps its numbers.
    #[arg(long, requires = "from_store")]
    pub(crate) install: bool,
}

impl Train {
    /// Whether the topics of a taxonomy are to be learned, any number a text, and not one class a text.
    pub(crate) fn learns_taxonomy(&self) -> bool {
        matches!(self.kind, ModelKind::Topic) && (self.taxonomy.is_some() || self.from_store)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Enrich {
    /// Judge every stored text that was judged by other models or another taxonomy. What is released keeps its numbers.
    #[arg(long, required = true)]
    pub(crate) rerun: bool,
    /// A taxonomy of topics, as dictionaries/topics.toml: it becomes the store's own once every text is labelled by it.
    #[arg(long, value_name = "FILE")]
    pub(crate) taxonomy: Option<PathBuf>,
    /// Judge by the shipped models, and delete the store's own ones once every text is judged: for models that this version cannot read.
    #[arg(long)]
    pub(crate) shipped_models: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Labels {
    /// Print the texts of open sources that a label would teach most, with the model's guess, as lines for `train polarity --train`.
    Suggest {
        /// Texts to print.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        count: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    pub(crate) kind: ModelKind,
    /// Labelled lines.
    pub(crate) file: PathBuf,
    /// Folder of a trained model; without it the shipped one.
    #[arg(long, value_name = "DIR")]
    pub(crate) model: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Analyze {
    /// JSON Lines with `text`, or plain lines.
    #[arg(required_unless_present = "text", conflicts_with = "text")]
    pub(crate) file: Option<PathBuf>,
    /// Show the clauses of this text with their polarity and matters.
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Topics {
    /// Sort texts into topics named by their own phrases.
    Discover(Discover),
}

#[derive(Debug, Args)]
pub(crate) struct Discover {
    /// JSON Lines with `id` and `text`, or plain lines. Without it the store: open texts, and of confidential ones what enough people write of in
    /// released months.
    pub(crate) file: Option<PathBuf>,
    /// At most so many topics of a file or of open texts; without it a number that grows with the texts.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=500))]
    pub(crate) topics: Option<u16>,
    /// What an earlier run on a file or on open texts printed with --json: texts are known by their ids, lines without one by what they say, and mostly stay
    /// where they were; topics keep their ids, and `lineage` tells which fell apart, became one, ended or are new.
    #[arg(long, value_name = "FILE")]
    pub(crate) previous: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Segment {
    /// JSON Lines with `text`, or plain lines.
    #[arg(required_unless_present = "explain", conflicts_with = "explain")]
    pub(crate) file: Option<PathBuf>,
    /// Show why this text is cut as it is: the words considered, their frequencies, the routes.
    #[arg(long, value_name = "TEXT")]
    pub(crate) explain: Option<String>,
    /// How to print: `sighan` puts a space between words.
    #[arg(long, default_value = "sighan")]
    pub(crate) format: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Lexicon {
    /// Say what is wrong with word lists: commented TSV of word, frequency, tag.
    Check {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Give the lowest frequency at which each word is kept whole, as lines for a word list.
    Suggest {
        #[arg(required = true, value_name = "WORD")]
        words: Vec<String>,
    },
    /// Tell which documents, topics and trend points a word list would change. Changes nothing.
    Preview {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Make a word list the store's own, and cut anew the documents that come out otherwise. Without FILE the list that the store has is kept:
    /// for a new version of this program, whose own words may have changed.
    Apply {
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Redact {
    /// JSON Lines with `id` and `text`.
    pub(crate) file: PathBuf,
    /// Where the spans go: `{"id","spans":[{"start","end","type"}]}` in characters.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Privacy {
    /// What is collected on which ground, how long it is kept, who sees what, limits in force, attacks tested (PIPL art. 55, 56).
    Report {
        /// Figures of the attacks, as `cargo xtask adversary --record FILE` writes them.
        #[arg(long, value_name = "FILE")]
        attacks: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// JSON Lines with `text`, also .gz.
    pub(crate) corpus: PathBuf,
    /// How often each measurement is repeated; the median is reported.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=25))]
    pub(crate) repeat: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Read the settings and say what is wrong.
    Check,
    /// Print every setting and where it came from.
    Show,
}
