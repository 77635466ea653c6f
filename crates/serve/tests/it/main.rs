//! Pages and API as a browser and a program meet them.

#[path = "../../../digest/tests/it/invented.rs"]
mod invented;
mod model;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use model::Invented;
use serve::{Settings, router};
use tower::ServiceExt as _;

const BODY_BYTES_MAX: usize = 4 << 20;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("our headers are ASCII"))
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

async fn ask(model: Invented, method: Method, host: &str, path: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", host)
        .body(Body::empty())
        .expect("a request");
    let response =
        router(Arc::new(model), &Settings::default()).oneshot(request).await.expect("never fails");
    let (parts, body) = response.into_parts();
    let body =
        String::from_utf8(to_bytes(body, BODY_BYTES_MAX).await.expect("a small body").to_vec())
            .expect("UTF-8");
    Answer { status: parts.status, headers: parts.headers, body }
}

async fn get(path: &str) -> Answer {
    ask(Invented::with_digest(), Method::GET, "127.0.0.1:7788", path).await
}

/// 食堂, percent-encoded.
const CANTEEN: &str = "%E9%A3%9F%E5%A0%82";

#[tokio::test]
async fn search_marks_what_was_found_and_escapes_the_rest() {
    let page = get(&format!("/?q={CANTEEN}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("新换的<mark>食堂</mark>承包商"), "{}", page.body);
    assert!(
        page.body.contains("&lt;script&gt;alert('x')&lt;/script&gt;<mark>食堂</mark>"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("<script") && !page.body.contains("<img"), "{}", page.body);
    assert!(page.body.contains("不公开来源") && page.body.contains("晚班的菜"), "{}", page.body);
}

#[tokio::test]
async fn a_hostile_query_comes_back_as_text() {
    let page = get("/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(page.body.contains(r#"value="&quot;&gt;&lt;script&gt;alert(1)"#), "{}", page.body);
    assert!(!page.body.contains("<script"), "{}", page.body);
    let page = get("/?q=x&unit=%3Cb%3E%22x").await;
    assert!(page.body.contains("&lt;b&gt;&quot;x") && !page.body.contains("<b>"), "{}", page.body);
}

#[tokio::test]
async fn too_few_people_and_nobody_get_the_same_answer() {
    let few = get("/api/v1/search?q=%E5%B0%91%E6%95%B0").await;
    let none = get("/api/v1/search?q=%E6%97%A0%E4%BA%BA").await;
    assert_eq!(few.body.replace("少数", "无人"), none.body);
    assert_eq!(none.json()["confidential"]["kind"], "too_few");
    let few = get("/?q=%E5%B0%91%E6%95%B0").await;
    let none = get("/?q=%E6%97%A0%E4%BA%BA").await;
    assert_eq!(few.body.replace("少数", "无人"), none.body);
    assert!(none.body.contains("不足最小人数"));
}

#[tokio::test]
async fn search_as_json_has_hits_with_offsets() {
    let answer = get(&format!("/api/v1/search?q={CANTEEN}&limit=3")).await.json();
    assert_eq!(answer["query"]["limit"], 3);
    assert_eq!(answer["open"]["hits"][0]["highlights"][0], serde_json::json!([3, 5]));
    assert_eq!(answer["confidential"]["kind"], "quotations");
}

#[tokio::test]
async fn trend_shows_released_months_and_nothing_else() {
    let unit = "%E9%87%87%E6%B2%B9%E4%B8%80%E5%8E%82";
    let page = get(&format!("/trend?unit={unit}&topic={CANTEEN}")).await;
    assert!(page.body.contains("<svg") && page.body.contains("2026年10月"), "{}", page.body);
    let points = get(&format!("/api/v1/trend?unit={unit}&topic={CANTEEN}")).await.json();
    assert_eq!(points["points"].as_array().unwrap().len(), 10);
    assert_eq!(points["points"][9]["figures"]["kind"], "shown");
    let unknown = get("/api/v1/trend?unit=nowhere").await.json();
    assert!(
        unknown["points"]
            .as_array()
            .unwrap()
            .iter()
            .all(|point| point["figures"]["kind"] == "suppressed"),
        "{unknown}"
    );
    assert!(get("/trend?unit=nowhere").await.body.contains("不足最小人数"));
}

#[tokio::test]
async fn the_digest_comes_as_page_table_and_json() {
    assert!(get("/digest").await.body.contains("<iframe"));
    let file = get("/digest/latest.html").await;
    assert!(file.body.starts_with("<!DOCTYPE html>"));
    assert_eq!(file.header("x-frame-options"), "SAMEORIGIN");
    assert!(file.header("content-security-policy").contains("default-src 'none'"));
    let table = get("/digest/latest.csv").await;
    assert_eq!(
        table.header("content-disposition"),
        "attachment; filename=\"huisheng-2026-10.csv\""
    );
    assert_eq!(get("/api/v1/digest.json").await.json()["schema"], "huisheng-digest/3");

    let none =
        ask(Invented::without_digest(), Method::GET, "localhost", "/api/v1/digest.json").await;
    assert_eq!(
        (none.status, none.json()["code"].as_str()),
        (StatusCode::NOT_FOUND, Some("no_digest"))
    );
    let none = ask(Invented::without_digest(), Method::GET, "localhost", "/digest").await;
    assert!(none.status == StatusCode::OK && none.body.contains("还没有简报"));
}

#[tokio::test]
async fn the_export_is_a_file_of_released_cells() {
    let file = get("/api/v1/export.csv").await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"huisheng.csv\"");
    assert!(file.body.starts_with("\u{feff}单位,来源,主题,时期,"), "{}", file.body);
    assert_eq!(file.body.lines().count(), 1 + invented::exported().get().cells.len());
    assert!(!file.body.contains("不足最小人数"));
}

async fn check_refused(path: &str, status: StatusCode, code: &str) {
    let answer = get(path).await;
    assert_eq!(answer.status, status, "{path}");
    assert_eq!(answer.json()["code"], code, "{path}");
    assert!(!answer.json()["hint"].as_str().unwrap_or_default().is_empty(), "{path}");
}

#[tokio::test]
async fn errors_have_a_code_a_status_and_advice() {
    let long = "a".repeat(513);
    check_refused(&format!("/api/v1/search?q={long}"), StatusCode::BAD_REQUEST, "query_too_long")
        .await;
    check_refused("/api/v1/search?from=2026-02-30", StatusCode::BAD_REQUEST, "bad_date").await;
    check_refused("/api/v1/search?limit=101", StatusCode::BAD_REQUEST, "bad_limit").await;
    check_refused("/api/v1/search?polarity=angry", StatusCode::BAD_REQUEST, "bad_name").await;
    check_refused("/api/v1/search?author=x", StatusCode::BAD_REQUEST, "bad_parameter").await;
    check_refused("/api/v1/search?q=a&q=b", StatusCode::BAD_REQUEST, "bad_parameter").await;
    check_refused("/api/v1/search?q=-", StatusCode::BAD_REQUEST, "bad_query").await;
    check_refused("/api/v1/search?q=%E5%9D%8F", StatusCode::INTERNAL_SERVER_ERROR, "internal")
        .await;
    check_refused("/api/v1/search?q=%E6%85%8C", StatusCode::INTERNAL_SERVER_ERROR, "internal")
        .await;
    check_refused("/api/v1/nothing", StatusCode::NOT_FOUND, "not_found").await;
}

#[tokio::test]
async fn errors_on_pages_are_pages_and_tell_no_internals() {
    let page = get("/?from=gestern").await;
    assert!(
        page.status == StatusCode::BAD_REQUEST
            && page.body.contains("日期无法理解")
            && !page.body.contains("gestern"),
        "{}",
        page.body
    );
    let page = get("/?q=%E5%9D%8F").await;
    assert!(
        page.status == StatusCode::INTERNAL_SERVER_ERROR && !page.body.contains("parquet"),
        "{}",
        page.body
    );
    assert_eq!(get("/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    for path in [
        "/",
        "/trend",
        "/digest",
        "/about",
        "/nothing",
        "/?limit=0",
        "/api/v1/search?q=x",
        "/api/v1/nothing",
        "/healthz",
    ] {
        let answer = get(path).await;
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
    }
    let style = get("/assets/style.css").await;
    assert!(
        style.header("content-type").starts_with("text/css")
            && style.header("x-content-type-options") == "nosniff"
    );
}

#[tokio::test]
async fn a_foreign_host_name_is_refused() {
    for host in ["evil.example", "127.0.0.1.evil.example", ""] {
        let answer = ask(Invented::with_digest(), Method::GET, host, "/api/v1/search?q=x").await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (StatusCode::MISDIRECTED_REQUEST, Some("host_refused")),
            "{host}"
        );
    }
    let configured = Settings { hosts: vec!["Feedback.example.cn".to_owned()] };
    let request =
        Request::get("/about").header("host", "feedback.example.cn").body(Body::empty()).unwrap();
    let response =
        router(Arc::new(Invented::with_digest()), &configured).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn only_get_and_head_are_answered() {
    let refused = ask(Invented::with_digest(), Method::POST, "localhost", "/api/v1/search").await;
    assert_eq!(
        (refused.status, refused.json()["code"].as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, Some("method_not_allowed"))
    );
    let head = ask(Invented::with_digest(), Method::HEAD, "localhost", "/about").await;
    assert!(head.status == StatusCode::OK && head.body.is_empty());
}

#[tokio::test]
async fn pages_need_no_script_and_nothing_from_elsewhere() {
    for path in ["/", "/trend", "/digest", "/about"] {
        let body = get(path).await.body.replace("http://www.w3.org/2000/svg", "");
        for foreign in ["<script", "http:", "https:", " style=\"", " onclick"] {
            assert!(!body.contains(foreign), "{path}: {foreign}");
        }
        assert!(
            body.contains("<html lang=\"zh-CN\">") && body.contains("aria-current=\"page\""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_server_stops_when_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve::run(
        listener,
        router(Arc::new(Invented::without_digest()), &Settings::default()),
        std::future::ready(()),
    )
    .await
    .unwrap();
}

async fn post(router: &axum::Router, path: &str, body: &str) -> Answer {
    let kind =
        if path == "/receipt" { "application/x-www-form-urlencoded" } else { "application/json" };
    let request = Request::post(path)
        .header("host", "localhost")
        .header("content-type", kind)
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let (parts, body) = router.clone().oneshot(request).await.expect("never fails").into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.expect("a small body").to_vec();
    let body = String::from_utf8(body).expect("UTF-8");
    Answer { status: parts.status, headers: parts.headers, body }
}

fn receipts_router() -> axum::Router {
    router(Arc::new(Invented::without_digest()), &Settings::default())
}

#[tokio::test]
async fn the_holder_of_a_code_reads_the_reply_and_nobody_else_learns_whether_there_is_one() {
    let router = receipts_router();
    let (known, unknown) = (
        model::known_code().expose(),
        corpus::BearerCode::from_random(&[11; 64]).unwrap().expose(),
    );
    let show = |code: &str| format!(r#"{{"code":"{code}"}}"#);
    let reply = post(&router, "/api/v1/receipt/show", &show(&known)).await;
    assert_eq!(reply.json()["replies"][0], "已转<b>后勤</b>");
    let none = post(&router, "/api/v1/receipt/show", &show(&unknown)).await;
    assert_eq!(
        (none.status, none.json()["replies"].clone()),
        (StatusCode::OK, serde_json::json!([]))
    );
    let [known_gone, unknown_gone] = [&known, &unknown].map(|code| show(code));
    let known_gone = post(&router, "/api/v1/receipt/withdraw", &known_gone).await;
    let unknown_gone = post(&router, "/api/v1/receipt/withdraw", &unknown_gone).await;
    assert_eq!((known_gone.status, &known_gone.body), (StatusCode::OK, &unknown_gone.body));

    let page = post(&router, "/receipt", &format!("code={known}&act=show")).await;
    assert!(
        page.body.contains("已转&lt;b&gt;后勤") && !page.body.contains(&known),
        "{}",
        page.body
    );
    let page = post(&router, "/receipt", &format!("code={unknown}&act=withdraw")).await;
    assert!(page.body.contains("都已撤回") && !page.body.contains(&unknown));
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(get("/receipt").await.body.contains("method=\"post\""));
}

#[tokio::test]
async fn what_is_no_code_is_refused_and_not_repeated() {
    let router = receipts_router();
    for body in
        ["", "{", r#"{"code":"0817-张三"}"#, r#"{"code":"x","who":"张三"}"#, &"7".repeat(2000)]
    {
        let answer = post(&router, "/api/v1/receipt/show", body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some("bad_receipt"))
        );
        assert!(!answer.body.contains("0817") && !answer.body.contains("张三"), "{}", answer.body);
    }
    let page = post(&router, "/receipt", "code=0817&act=show").await;
    assert!(page.status == StatusCode::BAD_REQUEST && !page.body.contains("0817"));
    // A code in an address would stand in logs.
    let refused = get("/api/v1/receipt/show?code=abc").await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn codes_are_not_tried_without_end() {
    let router = receipts_router();
    let mut answers = Vec::new();
    for _ in 0..25 {
        let body = format!(r#"{{"code":"{}"}}"#, model::known_code().expose());
        answers.push(post(&router, "/api/v1/receipt/show", &body).await);
    }
    assert_eq!(answers[0].status, StatusCode::OK);
    let last = answers.last().unwrap();
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.json()["code"] == "too_many_attempts" && !last.header("retry-after").is_empty());
}
