//! `huisheng receipt`: codes for contributors, replies by staff, and what the holder of a code may do.

use std::io::{self, BufRead as _};

use anyhow::Context as _;
use corpus::BearerCode;

use super::print;
use crate::Outcome;
use crate::cli::{Receipt, Reply};
use crate::config::{Config, hinted};
use crate::engine::Engine;
use crate::receipts::{self, NO_REPLY, WITHDRAWN};

/// A reply is a letter, not a book.
const REPLY_CHARS_MAX: usize = 4000;

/// Does what was typed. Only the holder's acts need a code, and only a reply needs an account.
pub(crate) fn run(
    config: impl Fn() -> anyhow::Result<Config>,
    action: Receipt,
    json: bool,
) -> anyhow::Result<Outcome> {
    match action {
        Receipt::Issue { count } => issue(count, json)?,
        Receipt::Reply(options) => reply(config()?, &options, json)?,
        Receipt::Show { code } => {
            let code = read_code(code)?;
            let replies = receipts::replies(&Engine::open(config()?)?, &code)?;
            print(&serde_json::json!({ "replies": replies }), json, |_| {
                match replies.as_slice() {
                    [] => NO_REPLY.to_owned(),
                    replies => replies.join("\n\n"),
                }
            })?;
        }
        Receipt::Withdraw { code } => {
            let code = read_code(code)?;
            let mut engine = Engine::open(config()?)?;
            receipts::withdraw(&engine, &code)?;
            receipts::erase_withdrawn(&mut engine)?;
            print(&serde_json::json!({ "withdrawn": true }), json, |_| WITHDRAWN.to_owned())?;
        }
    }
    Ok(Outcome::Done)
}

fn issue(count: u32, json: bool) -> anyhow::Result<()> {
    let codes: Vec<String> = (0..count)
        .map(|_| Ok(privacy::draw_code()?.expose()))
        .collect::<Result<_, privacy::KeyError>>()?;
    print(&serde_json::json!({ "codes": codes }), json, |_| codes.join("\n"))
}

/// Keeps a reply. That is all that is said: whether anybody holds a receipt for the text is told to nobody.
fn reply(config: Config, options: &Reply, json: bool) -> anyhow::Result<()> {
    let text = options.text.trim();
    if text.is_empty() || text.chars().count() > REPLY_CHARS_MAX {
        anyhow::bail!("the reply has no words, or more than {REPLY_CHARS_MAX} characters");
    }
    let engine = Engine::open(config)?;
    let asked = serde_json::json!({ "document": options.document, "query": options.query });
    engine.audit("reply", &asked)?;
    let documents = match (options.document, &options.query, &options.passage) {
        (Some(document), _, _) if receipts::is_open(&engine, document)? => vec![document],
        (None, Some(query), Some(passage)) => receipts::quoted(&engine, query, passage)?,
        _ => Vec::new(),
    };
    if documents.is_empty() {
        return Err(hinted(
            anyhow::anyhow!("no text that may be read is there to be answered"),
            "name an id of an open source, or --query and a --passage exactly as that search quotes it",
        ));
    }
    engine.ledger.keep_reply(&documents, text)?;
    print(&serde_json::json!({ "kept": true }), json, |_| {
        "the reply is kept; whoever holds a receipt for the text can read it".to_owned()
    })
}

/// The code that was typed, or a line of standard input.
pub(super) fn read_code(typed: Option<String>) -> anyhow::Result<BearerCode> {
    let line = match typed {
        Some(code) => code,
        None => {
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line).context("read a code")?;
            line
        }
    };
    BearerCode::parse(&line).context("read the code")
}
