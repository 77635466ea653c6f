use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::program::Program;

const FEED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>公众号</title><link>http://localhost/</link><description>x</description>
<item><guid>a1</guid><title>食堂新菜</title><description>&lt;p&gt;新菜不错&lt;/p&gt;</description><pubDate>Mon, 10 Mar 2025 08:00:00 +0800</pubDate></item>
<item><guid>a2</guid><title>班车调整</title><description>晚了半小时</description><pubDate>Tue, 11 Mar 2025 08:00:00 +0800</pubDate></item>
</channel></rss>"#;

/// A server that answers a bounded number of requests with the feed, then stops.
fn serve(requests: usize) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/feed.xml", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for _ in 0..requests {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).unwrap();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                FEED.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(FEED.as_bytes()).unwrap();
        }
    });
    (address, server)
}

#[test]
fn a_feed_is_polled_stored_and_not_stored_again() {
    let program = Program::new();
    let (address, server) = serve(2);
    program.write(
        "huisheng.toml",
        format!("[[source]]\nname = \"公众号\"\nvisibility = \"open\"\nground = \"单位公开发布\"\nurl = \"{address}\"\n"),
    );
    let first = program.json(&["ingest"], 0);
    assert_eq!(
        (first["sources"][0]["read"].as_u64(), first["sources"][0]["stored"].as_u64()),
        (Some(2), Some(2))
    );
    let second = program.json(&["ingest"], 0);
    assert_eq!(second["sources"][0]["stored"], 0);
    assert_eq!(program.json(&["search", "新菜"], 0)["open"]["total"], 1);
    server.join().unwrap();
}
