//! Feeds from a server on this machine that answers what the test wrote down, in order.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use ingest::{
    Cursor, FeedHealth, FeedOutcome, FeedPoller, Polled, RawSource, RetryPolicy, SourceDeclaration,
    Waiter,
};

use crate::support::{now, refused, texts};

/// Answers one request after the other and then stops.
struct Server {
    url: String,
    requests: JoinHandle<Vec<String>>,
}

impl Server {
    fn answering(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/feed", listener.local_addr().unwrap());
        let requests = std::thread::spawn(move || {
            answers
                .into_iter()
                .map(|answer| {
                    let (mut stream, _) = listener.accept().unwrap();
                    let head = BufReader::new(stream.try_clone().unwrap())
                        .lines()
                        .map(Result::unwrap)
                        .take_while(|line| !line.is_empty());
                    let head: Vec<String> = head.collect();
                    // The client may have hung up on a body that is too long.
                    let _ = stream.write_all(&answer);
                    head.join("\n").to_lowercase()
                })
                .collect()
        });
        Self { url, requests }
    }
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "content-type: application/rss+xml\r\n", body.as_bytes())
}

/// Lets no time pass and writes down what was asked for.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<Duration>>>);

impl Waiter for Notes {
    async fn wait(&self, wait: Duration) {
        self.0.lock().unwrap().push(wait);
    }

    fn chance(&self) -> f64 {
        1.0
    }
}

fn source(urls: &[&str]) -> SourceDeclaration {
    let table =
        format!("name = \"论坛\"\nground = \"公开论坛\"\nvisibility = \"open\"\nurls = {urls:?}");
    toml::from_str::<RawSource>(&table).unwrap().declare(Path::new(".")).unwrap()
}

/// Polls once and gives the waits between the requests, in seconds.
fn poll(urls: &[&str], cursor: &Cursor) -> (Polled, Vec<u64>) {
    let notes = Notes::default();
    let poller = FeedPoller::new(RetryPolicy::default(), notes.clone()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let polled = runtime.block_on(poller.poll(&source(urls), cursor, now()));
    assert_eq!(
        polled.batch.read,
        (polled.batch.documents.len() + polled.batch.rejections.len()) as u64
    );
    let waits = notes.0.lock().unwrap().iter().map(Duration::as_secs).collect();
    (polled, waits)
}

const RSS: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>论坛</title>\
    <item><guid>1</guid><title>食堂</title><description>&lt;p&gt;涨价了&lt;/p&gt;</description><pubDate>Mon, 09 Mar 2026 20:00:00 GMT</pubDate></item>\
    <item><guid>2</guid><title>班车</title><description>&lt;img src='a'&gt;</description><pubDate>Mon, 09 Mar 2026 08:00:00 GMT</pubDate></item>\
    <item><guid>3</guid><title>没有时间</title></item>\
    </channel></rss>";

#[test]
fn entries_become_documents_or_are_refused() {
    let server = Server::answering(vec![ok(RSS)]);
    let (polled, _) = poll(&[&server.url], &Cursor::default());
    assert_eq!(texts(&polled.batch), ["食堂\n<p>涨价了</p>", "班车"]);
    assert_eq!(refused(&polled.batch), [(3, "time")]);
    let first = &polled.batch.documents[0].origin;
    assert_eq!(
        (first.external_id.as_deref(), first.posted_at.day().to_string()),
        (Some("1"), "2026-03-10".to_owned())
    );
    assert!(matches!(polled.feeds[0].1, FeedOutcome::Read { entry_count: 3 }));
}

#[test]
fn atom_is_read_with_its_authors() {
    let atom = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>t</title><id>f</id><entry><id>urn:1</id><title>宿舍</title>\
        <author><name>老王</name></author><updated>2026-03-09T08:00:00+08:00</updated><content type=\"html\">漏水</content></entry></feed>";
    let server = Server::answering(vec![ok(atom)]);
    let (polled, _) = poll(&[&server.url], &Cursor::default());
    assert_eq!(texts(&polled.batch), ["宿舍\n漏水"]);
    assert!(polled.batch.documents[0].origin.author.is_some());
}

#[test]
fn one_address_or_guid_for_all_entries_does_not_fold_them() {
    let item = |guid: &str, title: &str| {
        format!(
            "<item>{guid}<link>https://a/</link><title>{title}</title><pubDate>Mon, 09 Mar 2026 08:00:00 GMT</pubDate></item>"
        )
    };
    let items = [
        item("", "一"),
        item("", "二"),
        item("<guid>x</guid>", "三"),
        item("<guid>x</guid>", "四"),
    ]
    .concat();
    let server = Server::answering(vec![ok(&format!(
        "<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>"
    ))]);
    let (polled, _) = poll(&[&server.url], &Cursor::default());
    let ids: std::collections::BTreeSet<_> = polled
        .batch
        .documents
        .iter()
        .map(|document| document.origin.external_id.clone().unwrap())
        .collect();
    assert_eq!(ids.len(), 4, "{ids:?}");
}

#[test]
fn a_gb2312_feed_is_read() {
    let rss = RSS.replace("utf-8", "gb2312");
    let body = encoding_rs::GB18030.encode(&rss).0.into_owned();
    let server = Server::answering(vec![answer("200 OK", "content-type: text/xml\r\n", &body)]);
    assert_eq!(texts(&poll(&[&server.url], &Cursor::default()).0.batch).len(), 2);
}

#[test]
fn an_unchanged_feed_is_not_read_again() {
    let headers = "etag: \"v1\"\r\nlast-modified: Mon, 09 Mar 2026 08:00:00 GMT\r\n";
    let server = Server::answering(vec![
        answer("200 OK", headers, RSS.as_bytes()),
        answer("304 Not Modified", "", b""),
        ok(RSS),
    ]);
    let (first, _) = poll(&[&server.url], &Cursor::default());
    let stored: Cursor =
        serde_json::from_str(&serde_json::to_string(&first.batch.cursor).unwrap()).unwrap();
    for _ in 0..2 {
        let (again, _) = poll(&[&server.url], &stored);
        assert!(matches!(again.feeds[0].1, FeedOutcome::Unchanged));
        assert_eq!((again.batch.read, &again.batch.cursor), (0, &stored));
    }
    let requests = server.requests.join().unwrap();
    assert!(
        !requests[0].contains("if-none-match") && requests[1].contains("if-none-match: \"v1\""),
        "{requests:?}"
    );
    assert!(requests[1].contains("if-modified-since: mon, 09 mar 2026 08:00:00 gmt"));
}

/// Polls a server that gives `answers`: how many requests were made, the waits between them, and the error, if any.
fn check(answers: Vec<Vec<u8>>, waits: &[u64], error: Option<&str>) {
    let server = Server::answering(answers);
    let (polled, waited) = poll(&[&server.url], &Cursor::default());
    assert_eq!(waited, waits);
    match (&polled.feeds[0].1, error) {
        (FeedOutcome::Failed(found), Some(expected)) => {
            assert_eq!(found.to_string(), expected);
            assert_eq!(polled.batch.cursor, Cursor::default(), "the cursor does not move");
        }
        (FeedOutcome::Read { .. }, None) => {}
        (other, _) => panic!("{other:?}, expected {error:?}"),
    }
    assert_eq!(server.requests.join().unwrap().len(), waits.len() + 1);
}

#[test]
fn what_may_pass_is_asked_again_and_what_does_not_is_not() {
    let status = |status: &str| answer(status, "", b"");
    check(vec![status("503 Busy"), ok(RSS)], &[2], None);
    check(
        vec![status("500 Oops"), status("429 Slow down"), status("502 Bad"), ok(RSS)],
        &[2, 4, 8],
        None,
    );
    check(vec![status("503 Busy"); 4], &[2, 4, 8], Some("the server answered 503 to 4 requests"));
    check(vec![status("404 Not Found")], &[], Some("the server answered 404"));
    check(vec![status("403 Forbidden")], &[], Some("the server answered 403"));
    check(vec![Vec::new(), ok(RSS)], &[2], None);
    check(vec![ok(RSS)[..200].to_vec(), ok(RSS)], &[2], None);
}

#[test]
fn a_server_that_names_a_wait_is_obeyed() {
    let busy = |header: &str| answer("429 Slow down", header, b"");
    check(vec![busy("retry-after: 17\r\n"), ok(RSS)], &[17], None);
    let dates =
        "date: Mon, 09 Mar 2026 08:00:00 GMT\r\nretry-after: Mon, 09 Mar 2026 08:00:30 GMT\r\n";
    check(vec![busy(dates), ok(RSS)], &[30], None);
    check(vec![busy("retry-after: 86400\r\n")], &[], Some("the server answered 429 to 1 requests"));
}

#[test]
fn what_is_no_feed_is_told() {
    check(vec![ok("<html><body>登录</body></html>")], &[], Some("the answer is no feed"));
    check(vec![ok("")], &[], Some("the answer is no feed"));
    let huge = format!("<rss>{}</rss>", " ".repeat(17 << 20));
    check(vec![ok(&huge)], &[], Some("the answer has over 16777216 bytes"));
}

#[test]
fn one_feed_that_fails_leaves_the_others_and_its_health_shows() {
    let (gone, fine) =
        (Server::answering(vec![answer("410 Gone", "", b"")]), Server::answering(vec![ok(RSS)]));
    let (polled, _) = poll(&[&gone.url, &fine.url], &Cursor::default());
    assert_eq!(texts(&polled.batch).len(), 2);
    let mut health = FeedHealth::default();
    health.record(&polled.feeds[0].1, now().day());
    assert_eq!(
        (health.failure_count, health.last_failure.as_deref()),
        (1, Some("the server answered 410"))
    );
    health.record(&polled.feeds[1].1, now().day());
    assert_eq!((health.failure_count, health.last_success), (0, Some(now().day())));
}
