//! A camera's slug: its fixed name in paths and URLs, made once from its first name.

/// Letters of a slug at most.
const LEN_MAX: usize = 63;

/// A slug for a camera called `name`: `front-door` from `Front door`; the first free of
/// `camera-2`, `camera-3`, … where the name gives none or one that `taken` says is in use.
pub fn slug_for(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let own = from_name(name);
    if is_slug(&own) && !is_reserved(&own) && !taken(&own) {
        return own;
    }
    let free = (2u64..).map(|number| format!("camera-{number}")).find(|slug| !taken(slug));
    free.expect("fewer than 2^64 cameras exist")
}

/// Whether `text` may be a slug or a stream's name: 1 to 63 of `a`–`z`, `0`–`9` and `-`, neither
/// first nor last a `-`, and not to be mistaken for an id.
pub fn is_slug(text: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    !text.is_empty()
        && text.len() <= LEN_MAX
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.parse::<base::CameraId>().is_err()
}

/// Whether no new camera may be called so, for addresses beside those of cameras are. One that is
/// called so already is reached by its id there.
pub fn is_reserved(slug: &str) -> bool {
    ["probe", "discover"].contains(&slug)
}

/// Lower-case ASCII letters and digits of `name`, with `-` for each stretch of anything else.
fn from_name(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match spelled(letter) {
            Some(text) => slug.push_str(text),
            None if letter.is_ascii_alphanumeric() => slug.push(letter),
            None if slug.is_empty() || slug.ends_with('-') => {}
            None => slug.push('-'),
        }
    }
    slug.truncate(LEN_MAX);
    slug.trim_end_matches('-').to_owned()
}

/// How a letter that is not ASCII is commonly spelled; an apostrophe joins.
const fn spelled(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ä' | 'æ' => "ae",
        'ö' | 'œ' | 'ø' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'å' | 'à' | 'á' | 'â' | 'ã' => "a",
        'ç' | 'č' | 'ć' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'ě' | 'ę' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ł' => "l",
        'ñ' | 'ń' => "n",
        'ò' | 'ó' | 'ô' | 'õ' => "o",
        'ř' => "r",
        'š' | 'ś' => "s",
        'ù' | 'ú' | 'û' | 'ů' => "u",
        'ý' => "y",
        'ž' | 'ź' | 'ż' => "z",
        '\'' | '’' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_from_the_name() {
        let free = |_: &str| false;
        assert_eq!(slug_for("Front door", free), "front-door");
        assert_eq!(slug_for("  Büro №3 / Süd! ", free), "buero-3-sued");
        assert_eq!(slug_for("Anna's café", free), "annas-cafe");
    }

    #[test]
    fn a_name_that_gives_no_free_slug_gets_a_number() {
        assert_eq!(slug_for("門", |_| false), "camera-2");
        assert_eq!(slug_for("Door", |slug| slug == "door"), "camera-2");
        assert_eq!(slug_for("", |slug| slug == "camera-2"), "camera-3");
        assert_eq!(slug_for("Probe", |_| false), "camera-2", "it is an address");
        let like_an_id = "019ab3f0-0000-7000-8000-000000000000";
        assert_eq!(slug_for(like_an_id, |_| false), "camera-2");
    }

    proptest::proptest! {
        #[test]
        fn every_slug_made_is_one(name: String) {
            let slug = slug_for(&name, |_| false);
            assert!(is_slug(&slug), "{slug:?}");
            assert_eq!(slug_for(&slug, |_| false), slug);
        }
    }
}
