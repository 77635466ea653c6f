//! The sentences of the project that teach topics, and those that test it.

use std::str::FromStr as _;

use corpus::TopicId;
use serde::Deserialize;

use super::TopicText;
use crate::taxonomy::Taxonomy;
use crate::training::LabelledText;

/// Sentences labelled with all their topics.
const LABELLED: &str = include_str!("../../../../data/labels/topics/train.jsonl");
/// The same, never learned from.
const TEST: &str = include_str!("../../../../data/labels/topics/test.jsonl");

/// What the sentences of `data/labels` are about by their column `topic`, where that is one topic of the shipped taxonomy. 培训 holds three more
/// topics and 管理 many sentences that only say who decided: those hints are as rough as words are.
const HINTS: [(&str, &str); 13] = [
    ("canteen", "食堂"),
    ("commuting", "通勤"),
    ("communication", "沟通反馈"),
    ("dormitory", "宿舍"),
    ("equipment", "设备"),
    ("management", "管理"),
    ("medical", "医疗"),
    ("office_it", "办公信息化"),
    ("safety", "安全生产"),
    ("shift_work", "倒班"),
    ("training", "培训学习"),
    ("union_activities", "工会服务"),
    ("wages", "薪酬"),
];

/// A line of a file of labelled sentences.
#[derive(Deserialize)]
struct Line {
    text: String,
    labels: Vec<TopicId>,
}

impl TopicText {
    /// The sentences written for this project (`data/labels`, Apache-2.0), as written, with their topics as far as `taxonomy` has them.
    pub fn shipped(taxonomy: &Taxonomy) -> Vec<Self> {
        let hinted = LabelledText::shipped().map(|sentence| {
            let hint = HINTS.iter().find(|(name, _)| Some(*name) == sentence.group.as_deref());
            let hints = hint.and_then(|(_, topic)| TopicId::from_str(topic).ok());
            Self { text: sentence.text, labels: None, hints: hints.into_iter().collect(), group: 0 }
        });
        let mut texts: Vec<Self> = hinted.chain(labelled(LABELLED)).collect();
        for (number, text) in (0..).zip(&mut texts) {
            text.group = number;
            text.hints.retain(|hint| taxonomy.bit_of(hint.as_str()).is_some());
        }
        texts.retain(|text| text.has_labels_of(taxonomy));
        texts
    }

    /// The sentences that test topics, as written: those whose topics `taxonomy` has.
    pub fn shipped_test(taxonomy: &Taxonomy) -> Vec<Self> {
        labelled(TEST).filter(|text| text.has_labels_of(taxonomy)).collect()
    }

    fn has_labels_of(&self, taxonomy: &Taxonomy) -> bool {
        let labels = self.labels.iter().flatten();
        labels.into_iter().all(|label| taxonomy.bit_of(label.as_str()).is_some())
    }
}

/// # Panics
/// Never for the files in the repository: a test reads them.
fn labelled(content: &'static str) -> impl Iterator<Item = TopicText> {
    (0..).zip(content.lines()).map(|(group, line)| {
        let Line { text, labels } =
            serde_json::from_str(line).expect("the files in the repository are valid");
        TopicText { text, labels: Some(labels), hints: Vec::new(), group }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::topics::TopicClassifier;

    #[test]
    fn sentences_of_the_project_are_about_topics_of_its_taxonomy() {
        let taxonomy = Taxonomy::builtin().unwrap();
        let (shipped, test) = (TopicText::shipped(&taxonomy), TopicText::shipped_test(&taxonomy));
        assert!(shipped.len() > 6500 && test.len() == 477);
        assert!(shipped.iter().filter(|text| !text.hints.is_empty()).count() > 1000);
        let learned: std::collections::HashSet<&str> =
            shipped.iter().map(|text| text.text.as_str()).collect();
        assert!(test.iter().all(|text| !learned.contains(text.text.as_str())));
        for topic in taxonomy.topics() {
            let count = test.iter().flat_map(|text| &text.labels).flatten();
            assert!(count.filter(|label| **label == topic.id).count() >= 15, "{}", topic.id);
        }
    }

    #[test]
    fn of_another_taxonomy_only_its_own_topics_are_taken() {
        let content = "version = 1\n[[topic]]\nid = \"食堂\"\nwords = [\"食堂\"]\n";
        let taxonomy = Taxonomy::parse("topics.toml", content).unwrap();
        let texts = TopicText::shipped(&taxonomy);
        let named =
            texts.iter().flat_map(|text| text.hints.iter().chain(text.labels.iter().flatten()));
        assert!(named.clone().count() > 100 && { named }.all(|topic| topic.as_str() == "食堂"));
        assert!(TopicText::shipped_test(&taxonomy).len() > 20);
    }

    #[test]
    fn the_shipped_model_opens_and_names_topics_of_the_taxonomy() {
        let (model, taxonomy) = (Model::shipped_topics().unwrap(), Taxonomy::builtin().unwrap());
        assert_eq!(model.classes().len(), taxonomy.topics().len() + 1);
        assert!(model.classes()[1..].iter().all(|class| taxonomy.bit_of(class).is_some()));
        assert!(TopicClassifier::new(Model::shipped_polarity().unwrap(), &taxonomy).is_err());
    }
}
