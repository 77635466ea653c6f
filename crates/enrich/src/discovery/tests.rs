use super::*;
use crate::fixture;

/// Six matters, four sentences each.
const MATTERS: [[&str; 4]; 6] = [
    ["食堂饭菜难吃", "食堂饭菜凉了", "中午食堂饭菜没了", "食堂窗口饭菜太咸"],
    ["班车晚点半小时", "早上班车又晚点", "班车司机晚点", "晚上班车晚点"],
    ["宿舍空调坏了", "宿舍空调不制冷", "宿舍楼空调太吵", "宿舍空调漏水"],
    ["机房网速很慢", "下午网速慢得很", "网速慢打不开页面", "视频会议网速慢"],
    ["停车位不够用", "找不到停车位", "停车位被占了", "门口停车位太窄"],
    ["工资条看不懂", "工资条没有发", "工资条上少了补贴", "这个月工资条晚了"],
];
const ROUNDS: usize = 20;

fn texts() -> Vec<String> {
    let round = |round: usize| {
        MATTERS.map(|matter| format!("{}{}", matter[round % 4], ["啊", "呢", "吧"][round % 3]))
    };
    (0..ROUNDS).flat_map(round).collect()
}

fn discover(texts: &[String], previous: &[DiscoveredTopic]) -> Discovery {
    let mut tokens = TokenBatch::default();
    fixture::cut(&texts.iter().map(String::as_str).collect::<Vec<_>>(), &mut tokens);
    let settings = DiscoverySettings { topics_max: Some(8), previous, placed: &[] };
    discover_topics(texts, &tokens, |_| false, &settings)
}

#[test]
fn texts_on_one_matter_share_a_topic() {
    let discovery = discover(&texts(), &[]);
    for topic in 0..discovery.topics.len() {
        let mut from = [0usize; MATTERS.len()];
        for (index, found) in discovery.assignments.iter().enumerate() {
            from[index % MATTERS.len()] += usize::from(*found == Some(topic));
        }
        let most = from.into_iter().max().unwrap_or_default();
        assert_eq!(most, discovery.topics[topic].size, "topic {topic} holds {from:?}");
    }
    assert!(discovery.topics.len() >= 5, "{} topics", discovery.topics.len());
    assert!(discovery.unassigned_share() < 0.2);
}

#[test]
fn sizes_are_those_of_the_assignments() {
    let discovery = discover(&texts(), &[]);
    for (index, topic) in discovery.topics.iter().enumerate() {
        let size = discovery.assignments.iter().filter(|found| **found == Some(index)).count();
        assert_eq!(size, topic.size);
        assert!(size >= SIZE_MIN);
    }
    assert!(discovery.topics.is_sorted_by_key(|topic| Reverse(topic.size)));
}

#[test]
fn ids_outlive_new_texts() {
    let mut texts = texts();
    let first = discover(&texts, &[]);
    texts.extend(["食堂饭菜难吃呀".to_owned(), "班车晚点了呀".to_owned()]);
    let next = discover(&texts, &first.topics);
    let ids = |discovery: &Discovery| -> FxHashSet<String> {
        discovery.topics.iter().map(|topic| topic.id.clone()).collect()
    };
    assert_eq!(ids(&next).len(), next.topics.len(), "ids are distinct");
    assert!(next.topics.iter().all(|topic| !topic.id.is_empty()));
}

#[test]
fn the_same_texts_give_the_same_topics() {
    assert_eq!(discover(&texts(), &[]), discover(&texts(), &[]));
}

#[test]
fn the_order_of_the_texts_does_not_matter() {
    let texts = texts();
    let backwards: Vec<String> = texts.iter().rev().cloned().collect();
    let (first, other) = (discover(&texts, &[]), discover(&backwards, &[]));
    assert_eq!(first.topics, other.topics);
    assert!(first.assignments.iter().eq(other.assignments.iter().rev()));
}

#[test]
fn the_next_day_goes_on_from_the_last() {
    let mut texts = texts();
    let first = discover(&texts, &[]);
    let mut placed = first.assignments.clone();
    for matter in ["食堂饭菜又咸", "班车总晚点", "宿舍空调没修"] {
        texts.push(matter.to_owned());
        placed.push(None);
    }
    let mut tokens = TokenBatch::default();
    fixture::cut(&texts.iter().map(String::as_str).collect::<Vec<_>>(), &mut tokens);
    let settings =
        DiscoverySettings { topics_max: Some(8), previous: &first.topics, placed: &placed };
    let next = discover_topics(&texts, &tokens, |_| false, &settings);
    let id = |discovery: &Discovery, text: usize| {
        discovery.assignments[text].map(|topic| discovery.topics[topic].id.clone())
    };
    let kept = (0..first.assignments.len()).filter(|text| id(&first, *text) == id(&next, *text));
    assert!(kept.count() * 20 >= first.assignments.len() * 19);
    // The new ones join those who said so before them.
    let count = first.assignments.len();
    assert_eq!(
        [count, count + 1, count + 2].map(|text| id(&next, text)),
        [0, 1, 2].map(|text| id(&first, text))
    );
}

#[test]
fn a_new_matter_gets_a_topic_of_its_own() {
    let mut texts = texts();
    let first = discover_up_to(6, &texts, &[], &[]);
    let mut placed = first.assignments.clone();
    for round in 0..24 {
        let said = ["消防栓漏水了", "走廊消防栓锈住", "消防栓被杂物挡住", "消防栓没有水带"];
        texts.push(format!("{}{}", said[round % 4], ["啊", "呢", "吧"][round % 3]));
        placed.push(None);
    }
    let next = discover_up_to(6, &texts, &first.topics, &placed);
    let added = &next.assignments[placed.len() - 24..];
    let in_topic = |topic: &usize| added.iter().filter(|found| **found == Some(*topic)).count();
    let most = (0..next.topics.len()).max_by_key(in_topic).unwrap();
    let topic = &next.topics[most];
    assert!(in_topic(&most) >= 18, "{added:?}");
    assert!(topic.size >= 18, "{topic:?}");
    assert!(first.topics.iter().all(|earlier| earlier.id != topic.id), "{topic:?}");
    let added = Lineage { kind: LineageKind::New, from: vec![], into: vec![topic.id.clone()] };
    assert_eq!(next.lineage.iter().filter(|step| **step == added).count(), 1);
    let same = next.lineage.iter().filter(|step| step.kind == LineageKind::Same);
    assert_eq!(same.count(), first.topics.len(), "{:?}", next.lineage);
}

fn discover_up_to(
    topics: usize,
    texts: &[String],
    previous: &[DiscoveredTopic],
    placed: &[Option<usize>],
) -> Discovery {
    let mut tokens = TokenBatch::default();
    fixture::cut(&texts.iter().map(String::as_str).collect::<Vec<_>>(), &mut tokens);
    let settings = DiscoverySettings { topics_max: Some(topics), previous, placed };
    discover_topics(texts, &tokens, |_| false, &settings)
}

#[test]
fn too_little_text_gives_no_topic() {
    assert_eq!(discover(&[], &[]).topics, []);
    let alone = discover(&["好".to_owned(), "中午".to_owned()], &[]);
    assert_eq!((alone.topics.len(), alone.unassigned_share()), (0, 1.0));
}
