//! Modules of a crate use one another in one direction only.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Every pair of top-level modules of one crate that use each other, also by way of others.
pub fn check(sources: &[Source]) -> Vec<String> {
    let mut crates: BTreeMap<&str, Edges> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.is_test) {
        let Some(module) = top_module(&source.path) else { continue };
        let edges = crates.entry(&source.krate).or_default();
        let used = edges.entry(module.clone()).or_default();
        for (_, line) in source.lines_outside_tests() {
            let code = line.split("//").next().unwrap_or_default();
            let names = code.split("crate::").skip(1).filter(|_| !code.contains("$crate"));
            used.extend(names.map(first_name).filter(|name| *name != module));
        }
    }
    let mut breaches = Vec::new();
    for (krate, edges) in &crates {
        for (module, used) in edges {
            for other in used.iter().filter(|other| *other > module) {
                if edges.contains_key(other) && reaches(edges, other, module) {
                    breaches.push(format!("crates/{krate}: {module} and {other} form a circle"));
                }
            }
        }
    }
    breaches
}

/// `crates/x/src/cursor/live.rs` → `cursor`; the crate's root is no module.
fn top_module(path: &str) -> Option<String> {
    let below = path.split_once("/src/")?.1;
    let name = below.split(['/', '.']).next()?;
    (!["lib", "main"].contains(&name)).then(|| name.to_owned())
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn reaches(edges: &Edges, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        if module == to {
            return true;
        }
        if seen.insert(module) {
            open.extend(edges.get(module).into_iter().flatten().map(String::as_str));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(module: &str, text: &str) -> Source {
        Source {
            krate: "x".to_owned(),
            path: format!("crates/x/src/{module}.rs"),
            text: text.to_owned(),
            is_test: false,
        }
    }

    #[test]
    fn a_circle_is_found_through_a_third_module() {
        let a = source("a", "use crate::b::B;");
        let b = source("b", "use crate::c;");
        assert!(check(&[source("a", "use crate::b::B;"), source("b", "use crate::c;")]).is_empty());
        assert!(!check(&[a, b, source("c", "crate::a::go()")]).is_empty());
    }
}
