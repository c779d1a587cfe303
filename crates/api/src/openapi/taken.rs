//! Schemas of what is taken. It may leave out what is always given, and say that there is nothing:
//! a type that is given and taken has two of them where they differ.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const PREFIX: &str = "#/components/schemas/";

/// Adds the types that are taken to those that are given. One that is another one there is called
/// `…Asked`, in the bodies of requests of `paths` too.
pub(super) fn add(
    given: &mut Map<String, Value>,
    taken: Map<String, Value>,
    paths: &mut Map<String, Value>,
) {
    let differs =
        |(name, schema): &(&String, &Value)| given.get(*name).is_some_and(|own| own != *schema);
    let mut own: BTreeSet<String> =
        taken.iter().filter(differs).map(|(it, _)| it.clone()).collect();
    loop {
        let leads_there = |(name, schema): &(&String, &Value)| {
            given.contains_key(*name) && !own.contains(*name) && refers(schema, &own)
        };
        let more: Vec<_> = taken.iter().filter(leads_there).map(|(it, _)| it.clone()).collect();
        if more.is_empty() {
            break;
        }
        own.extend(more);
    }
    for (name, mut schema) in taken {
        rename(&mut schema, &own);
        let name = if own.contains(&name) { format!("{name}Asked") } else { name };
        given.entry(name).or_insert(schema);
    }
    let operations = paths.values_mut().filter_map(Value::as_object_mut).flatten();
    for (_, operation) in operations {
        if let Some(body) = operation.get_mut("requestBody") {
            rename(body, &own);
        }
    }
}

fn refers(schema: &Value, to: &BTreeSet<String>) -> bool {
    match schema {
        Value::Object(members) => {
            target(members).is_some_and(|name| to.contains(name))
                || members.values().any(|member| refers(member, to))
        }
        Value::Array(values) => values.iter().any(|value| refers(value, to)),
        _ => false,
    }
}

fn rename(schema: &mut Value, own: &BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(name) = target(members).filter(|name| own.contains(*name)) {
                let asked = format!("{PREFIX}{name}Asked");
                members.insert("$ref".to_owned(), asked.into());
            }
            members.values_mut().for_each(|member| rename(member, own));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, own)),
        _ => {}
    }
}

/// The type that a reference leads to.
fn target(members: &Map<String, Value>) -> Option<&str> {
    members.get("$ref")?.as_str()?.strip_prefix(PREFIX)
}
