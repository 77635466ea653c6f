use crate::fixture::{batch, commit, found, open, row};

/// A word that nothing else in the store's files could hold.
const SECRET: &str = "紫檀木算盘";

#[tokio::test]
async fn an_erased_text_is_in_no_file_of_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    store
        .push(batch(&[
            row("1", "2026-03-09", "紫檀木算盘丢了没人管"),
            row("2", "2026-03-10", "宿舍很吵"),
        ]))
        .unwrap();
    commit(&mut store, 1).await.unwrap();
    let query = corpus::SearchQuery { text: SECRET.to_owned(), ..Default::default() };
    let hit = store.search(&query, &*crate::fixture::ANALYSIS).unwrap().hits.hits.remove(0);
    assert_eq!(store.erase(&[hit.id], 1_700_000_000_000).await.unwrap(), 1);
    assert!(found(&store, SECRET).is_empty());
    assert_eq!((store.row_count().unwrap(), store.indexed_count()), (1, 1));
    drop(store);
    let (store, _) = open(dir.path()).await;
    assert_eq!(found(&store, "宿舍"), ["宿舍很吵"]);
    // Files are compressed, so the words themselves could hide; that no file is older than the erasure is what counts, and the log is plain text.
    for path in files(dir.path()) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(
            !contains(&bytes, SECRET.as_bytes())
                && !contains(&bytes, hit.id.to_string().as_bytes()),
            "{}",
            path.display()
        );
    }
    let data_files: Vec<_> = files(dir.path())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "parquet"))
        .collect();
    let named: Vec<_> = store.active_files().unwrap();
    for path in data_files.iter().filter(|path| !path.to_string_lossy().contains("_delta_log")) {
        assert!(
            named.iter().any(|active| active.file_name() == path.file_name()),
            "{} is no longer part of the table",
            path.display()
        );
    }
}

#[tokio::test]
async fn erasing_what_is_not_there_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = open(dir.path()).await;
    store.push(batch(&[row("1", "2026-03-09", "宿舍很吵")])).unwrap();
    commit(&mut store, 1).await.unwrap();
    assert_eq!(store.erase(&[corpus::DocumentId(42)], 1_700_000_000_000).await.unwrap(), 0);
    assert_eq!((store.row_count().unwrap(), store.indexed_count()), (1, 1));
}

fn files(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
