//! Administrators: it takes two of them to lower a limit. Each holds a code of the form that receipts have; the store keeps a tag of it.

use corpus::BearerCode;

use crate::{CodeTag, Key};

const PURPOSE: &str = "administrator";

/// By which the code of the administrator `name` is known again. It opens nothing by itself.
#[expect(clippy::needless_pass_by_value, reason = "the code shall be gone after this")]
pub fn administrator_tag(key: &Key, name: &str, code: BearerCode) -> CodeTag {
    let mac = key.mac(PURPOSE, &[name.as_bytes(), code.as_bytes()]);
    CodeTag(*mac.first_chunk().expect("SHA-256 gives 32 bytes"))
}

/// Whether `code` is the code of the administrator `name`, in a time that does not tell how nearly it is.
pub fn is_administrator(key: &Key, name: &str, code: &BearerCode, tag: CodeTag) -> bool {
    key.is_mac_of(PURPOSE, &[name.as_bytes(), code.as_bytes()], &tag.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw_code;

    #[test]
    fn a_code_is_good_for_its_holder_only() {
        let key = Key::from_bytes([1; 32]);
        let code = draw_code().unwrap();
        let copy = BearerCode::parse(&code.expose()).unwrap();
        let tag = administrator_tag(&key, "甲", code);
        assert!(is_administrator(&key, "甲", &copy, tag));
        assert!(!is_administrator(&key, "乙", &copy, tag));
        assert!(!is_administrator(&key, "甲", &draw_code().unwrap(), tag));
        assert!(!is_administrator(&Key::from_bytes([2; 32]), "甲", &copy, tag));
    }
}
