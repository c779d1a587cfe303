//! Exports that somebody has made who knows the format, from one that a recorder wrote: each with
//! one thing that is not as it has to be. The page's proof is held against the same list
//! (`ui/build/tampered.test.ts`).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::*;

const EXPORT: &[u8] = include_bytes!("../../../tests/formats/1.zip");
const CASES: &str = include_str!("../../../tests/tampered.json");

/// What is done to the export, in this order, and what is found then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    what: String,
    /// Members of the manifest that have another value, and that are not there, by JSON pointers.
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default)]
    unset: Vec<String>,
    /// Another manifest altogether.
    list: Option<String>,
    /// Text before it, and spaces behind.
    #[serde(default)]
    ahead: String,
    #[serde(default)]
    pad: usize,
    /// By whom the manifest is signed, where not by the key that it names.
    signed: Option<String>,
    /// Files of which the first byte is another one, that have one more, that are not there, and
    /// that are there beside.
    #[serde(default)]
    flip: Vec<String>,
    #[serde(default)]
    lengthen: Vec<String>,
    #[serde(default)]
    take: Vec<String>,
    #[serde(default)]
    add: Vec<String>,
    /// The files that stand before all others.
    #[serde(default)]
    order: Vec<String>,
    /// The instant that the files carry.
    carried: Option<base::WallTime>,
    verify: Vec<String>,
    #[serde(rename = "page")]
    _page: Vec<String>,
}

impl Case {
    fn zip(&self) -> Vec<u8> {
        let mut members = members(EXPORT);
        let (manifest, signature) = (at(&members, MANIFEST), at(&members, SIGNATURE));
        let (before, after) = self.manifests(&members[manifest].1);
        let signer = if self.signed.as_deref() == Some("by another") { key(2) } else { key(1) };
        let signed = if self.signed.as_deref() == Some("before") { &before } else { &after };
        members[signature].1 = signer.sign(signed).to_vec();
        members[manifest].1 = after;
        for name in &self.flip {
            let flipped = at(&members, name);
            members[flipped].1[0] ^= 1;
        }
        for name in &self.lengthen {
            let lengthened = at(&members, name);
            members[lengthened].1.push(b'x');
        }
        members.retain(|(name, _)| !self.take.contains(name));
        members.extend(self.add.iter().map(|name| (name.clone(), b"x".to_vec())));
        let place = |name: &String| self.order.iter().position(|first| first == name);
        members.sort_by_key(|(name, _)| place(name).unwrap_or(self.order.len()));
        let made = self.carried.unwrap_or_else(|| "2026-11-29T10:24:18Z".parse().unwrap());
        zipped_at(&members, DosTime::of(made))
    }

    /// The manifest under a key that is at hand, and as it is changed.
    fn manifests(&self, own: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut says: Value = serde_json::from_slice(own).unwrap();
        let digits = crate::hashes::hex(&key(1).public_key());
        says["public_key"] = match self.signed.as_deref() {
            Some("in capitals") => digits.to_uppercase().into(),
            _ => digits.into(),
        };
        let before = says.to_string().into_bytes();
        for (pointer, value) in &self.set {
            let (object, member) = pointer.rsplit_once('/').unwrap();
            let object = says.pointer_mut(object).unwrap().as_object_mut().unwrap();
            object.insert(member.into(), value.clone());
        }
        for pointer in &self.unset {
            let (object, member) = pointer.rsplit_once('/').unwrap();
            let object = says.pointer_mut(object).unwrap().as_object_mut().unwrap();
            object.remove(member).unwrap();
        }
        let after = self.list.clone().unwrap_or_else(|| says.to_string());
        let after = format!("{}{after}{}", self.ahead, " ".repeat(self.pad));
        (before, after.into_bytes())
    }
}

#[test]
fn what_the_page_finds_is_found() {
    let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
    assert!(cases.len() > 50);
    for case in cases {
        let verdict = verdict(&case.zip(), &[]);
        let found: Vec<String> = found(&verdict)
            .into_iter()
            .map(|(file, what)| format!("{file} {what}").trim_start().to_owned())
            .collect();
        assert_eq!(found, case.verify, "{}", case.what);
    }
}
