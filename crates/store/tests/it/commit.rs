use store::{Error, Recovery, Store};

use crate::fixture::{ANALYSIS, batch, commit, found, open, row, source};

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, recovery) = open(dir.path()).await;
    assert_eq!(recovery, Recovery::None);
    let counts = store
        .push(batch(&[row("1", "2026-03-09", "食堂饭菜太贵"), row("2", "2026-04-01", "宿舍很吵")]))
        .unwrap();
    assert_eq!((counts.stored, counts.known), (2, 0));
    assert_eq!(commit(&mut store, 1).await.unwrap().rows, 2);
    drop(store);
    let (store, recovery) = open(dir.path()).await;
    assert_eq!(recovery, Recovery::None);
    assert_eq!(
        (
            store.row_count().unwrap(),
            store.indexed_count(),
            store.sequence(&source()).await.unwrap()
        ),
        (2, 2, 1)
    );
    assert_eq!(
        store.months().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["2026-03", "2026-04"]
    );
    assert_eq!(found(&store, "宿舍"), ["宿舍很吵"]);
}

#[tokio::test]
async fn what_was_not_committed_never_was() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    store.push(batch(&[row("1", "2026-03-09", "食堂饭菜太贵")])).unwrap();
    drop(store);
    let (store, _) = open(dir.path()).await;
    assert_eq!(
        (
            store.row_count().unwrap(),
            store.indexed_count(),
            store.sequence(&source()).await.unwrap()
        ),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn a_repeated_import_stores_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    let rows = [row("1", "2026-03-09", "食堂饭菜太贵"), row("2", "2026-03-10", "宿舍很吵")];
    store.push(batch(&rows)).unwrap();
    commit(&mut store, 1).await.unwrap();
    let again = store.push(batch(&rows)).unwrap();
    assert_eq!((again.stored, again.known, again.revised), (0, 2, 0));
    commit(&mut store, 2).await.unwrap();
    assert_eq!((store.row_count().unwrap(), store.indexed_count()), (2, 2));
}

#[tokio::test]
async fn a_revision_replaces_its_row_in_table_and_index() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    store
        .push(batch(&[row("1", "2026-03-09", "食堂饭菜太贵"), row("2", "2026-03-10", "宿舍很吵")]))
        .unwrap();
    commit(&mut store, 1).await.unwrap();
    let counts = store.push(batch(&[row("1", "2026-03-09", "食堂降价了")])).unwrap();
    assert_eq!((counts.stored, counts.revised), (0, 1));
    commit(&mut store, 2).await.unwrap();
    assert_eq!((store.row_count().unwrap(), store.indexed_count()), (2, 2));
    assert_eq!(found(&store, "食堂"), ["食堂降价了"]);
    assert!(found(&store, "太贵").is_empty());
}

#[tokio::test]
async fn of_several_versions_in_one_commit_the_last_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    let versions = ["第一版", "第二版", "第一版"];
    for text in versions {
        store.push(batch(&[row("1", "2026-03-09", text)])).unwrap();
    }
    commit(&mut store, 1).await.unwrap();
    assert_eq!((store.row_count().unwrap(), store.indexed_count()), (1, 1));
    assert_eq!(found(&store, "版"), ["第一版"]);
}

#[tokio::test]
async fn a_commit_out_of_order_is_refused_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    store.push(batch(&[row("1", "2026-03-09", "食堂饭菜太贵")])).unwrap();
    assert!(matches!(commit(&mut store, 2).await, Err(Error::Sequence { given: 2, held: 0, .. })));
    store.push(batch(&[row("2", "2026-03-09", "宿舍很吵")])).unwrap();
    commit(&mut store, 1).await.unwrap();
    // The same sequence again, as after a crash between table and caller.
    store.push(batch(&[row("3", "2026-03-09", "班车晚点")])).unwrap();
    assert!(matches!(commit(&mut store, 1).await, Err(Error::Sequence { given: 1, held: 1, .. })));
    assert_eq!((store.row_count().unwrap(), store.indexed_count()), (1, 1));
    assert_eq!(found(&store, "宿舍"), ["宿舍很吵"]);
}

#[tokio::test]
async fn an_index_behind_the_table_catches_up() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    store.push(batch(&[row("1", "2026-03-09", "食堂饭菜太贵")])).unwrap();
    commit(&mut store, 1).await.unwrap();
    drop(store);
    let behind = dir.path().join("index-before");
    copy_dir(&dir.path().join("index"), &behind);
    let (mut store, _) = open(dir.path()).await;
    store.push(batch(&[row("2", "2026-03-10", "宿舍很吵")])).unwrap();
    commit(&mut store, 2).await.unwrap();
    drop(store);
    // As if the process had been killed between the table's commit and the index's.
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    std::fs::rename(&behind, dir.path().join("index")).unwrap();
    let (store, recovery) = open(dir.path()).await;
    assert_eq!(recovery, Recovery::CaughtUp { rows: 1 });
    assert_eq!((store.indexed_count(), found(&store, "宿舍").len()), (2, 1));
}

#[tokio::test]
async fn a_lost_or_torn_index_is_made_again() {
    for damage in ["lost", "torn"] {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, _) = open(dir.path()).await;
        store
            .push(batch(&[
                row("1", "2026-03-09", "食堂饭菜太贵"),
                row("2", "2026-04-09", "宿舍很吵"),
            ]))
            .unwrap();
        commit(&mut store, 1).await.unwrap();
        drop(store);
        let index = dir.path().join("index");
        if damage == "lost" {
            std::fs::remove_dir_all(&index).unwrap();
        } else {
            std::fs::write(index.join("meta.json"), "{ torn").unwrap();
        }
        let (store, recovery) = open(dir.path()).await;
        assert!(
            matches!(recovery, Recovery::CaughtUp { rows: 2 } | Recovery::Rebuilt { rows: 2 }),
            "{damage}: {recovery:?}"
        );
        assert_eq!(found(&store, "食堂"), ["食堂饭菜太贵"], "{damage}");
    }
}

#[tokio::test]
async fn an_index_cut_otherwise_is_refused_until_it_is_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    store.push(batch(&[row("1", "2026-03-09", "食堂饭菜太贵")])).unwrap();
    commit(&mut store, 1).await.unwrap();
    drop(store);
    assert!(matches!(Store::open(dir.path(), "another").await, Err(Error::Segmentation { .. })));
    let (mut store, _) = open(dir.path()).await;
    assert_eq!(store.rebuild_index(ANALYSIS.segmenter.fingerprint()).await.unwrap(), 1);
}

#[tokio::test]
async fn one_process_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let (_store, _) = open(dir.path()).await;
    assert!(matches!(
        Store::open(dir.path(), ANALYSIS.segmenter.fingerprint()).await,
        Err(Error::Locked { .. })
    ));
}

fn copy_dir(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
