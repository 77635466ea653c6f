//! Copies and chance likenesses.

use std::sync::LazyLock;

use corpus::{DocumentId, TokenBatch, Voice};

use super::*;
use crate::{Lexicon, Scratch, Segmenter};

static SEGMENTER: LazyLock<Segmenter> = LazyLock::new(|| Segmenter::new(&Lexicon::builtin(), &[]));

fn message(id: u128, voice: u64, text: &str) -> Message<'_> {
    let mut tokens = TokenBatch::default();
    SEGMENTER.tokenize_batch([text], &mut Scratch::default(), &mut tokens);
    let fingerprint = fingerprint(text, tokens.words(0));
    Message { id: DocumentId(id), voice: Some(Voice(voice)), fingerprint, text }
}

const LONG: &str = "关于公寓热水供应的通知，因锅炉检修，倒班公寓三号楼和五号楼从周一早上八点到周三晚上八点停止供应热水，请大家提前做好准备，给您带来不便敬请谅解。";

#[test]
fn a_copy_joins_the_first_of_its_kind() {
    let mut folder = Folder::new(100);
    assert_eq!(folder.fold(message(1, 1, LONG)), None);
    assert_eq!(
        folder.fold(message(
            2,
            2,
            "食堂的红烧肉太咸了，打菜的师傅态度倒是不错，希望能改进一下口味。"
        )),
        None
    );
    assert_eq!(folder.fold(message(3, 2, LONG)), Some(DocumentId(1)));
    let edited = LONG.replace("大家", "各位").replace("早上八点", "上午九点") + "转发";
    assert_eq!(
        folder.fold(message(4, 3, &edited)),
        Some(DocumentId(1)),
        "near copies keep the first one's name"
    );
}

#[test]
fn a_copy_joins_a_group_of_an_earlier_run() {
    let mut folder = Folder::new(100);
    folder.recall(message(7, 1, LONG), Some(DocumentId(1)));
    assert_eq!(folder.fold(message(8, 2, LONG)), Some(DocumentId(1)));
    let mut folder = Folder::new(100);
    folder.recall(message(7, 1, LONG), None);
    assert_eq!(
        folder.fold(message(7, 1, LONG)),
        None,
        "read again, it still is the first of its kind"
    );
    assert_eq!(folder.fold(message(8, 2, LONG)), Some(DocumentId(7)));
}

#[test]
fn short_texts_of_several_people_are_several_opinions() {
    let mut folder = Folder::new(100);
    assert_eq!(folder.fold(message(1, 1, "很好")), None);
    assert_eq!(folder.fold(message(2, 2, "很好")), None);
    assert_eq!(
        folder.fold(message(3, 2, "很好")),
        Some(DocumentId(2)),
        "one person's repetition is one message"
    );
}

#[test]
fn a_shared_hashtag_is_no_shared_message() {
    let mut folder = Folder::new(100);
    for (id, text) in [
        (1, "#职工食堂开展满意度调查活动啦#米饭太硬"),
        (2, "#职工食堂开展满意度调查活动啦#汤太咸了"),
    ] {
        assert_eq!(folder.fold(message(id, id as u64, text)), None);
    }
}

#[test]
fn a_message_that_left_the_window_is_forgotten() {
    let mut folder = Folder::new(2);
    folder.fold(message(1, 1, LONG));
    for (id, text) in [
        (2, "培训老师讲得很清楚，案例都来自我们自己的井场，收获不小。"),
        (3, "班车改点以后从作业区回来要多等四十分钟，建议恢复原来的时间。"),
    ] {
        assert_eq!(folder.fold(message(id, 1, text)), None);
    }
    assert_eq!(folder.fold(message(4, 1, LONG)), None);
}

#[test]
fn the_fingerprint_of_a_text_never_changes() {
    // Stored in the table: another value here means that old and new rows no longer compare.
    assert_eq!(format!("{:016x}", message(1, 1, LONG).fingerprint), "3d52ac7ce1cb7681");
    assert_eq!(message(1, 1, "！").fingerprint, message(2, 2, "！").fingerprint);
}
