//! The nearest known word to a mistyped one.

/// The word of `known` that `typed` most likely meant: at most a third of its letters differ.
pub(crate) fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|word| (distance(typed, word), *word));
    let (distance, word) = distances.min()?;
    (distance * 3 <= word.chars().count().max(3)).then_some(word)
}

/// How many letters must be added, removed, changed or swapped with their neighbour to make `b`
/// from `a` (the restricted Damerau–Levenshtein distance).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        rows[i][0] = i;
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word_and_strangers_none() {
        let known = ["listen", "hosts", "tls", "allow_unauthenticated"];
        assert_eq!(nearest("lisen", &known), Some("listen"));
        assert_eq!(nearest("lsiten", &known), Some("listen"));
        assert_eq!(nearest("Listen", &known), Some("listen"));
        assert_eq!(nearest("host", &known), Some("hosts"));
        assert_eq!(nearest("allow_unauthentificated", &known), Some("allow_unauthenticated"));
        assert_eq!(nearest("port", &known), None);
        assert_eq!(nearest("port", &[]), None);
    }
}
