//! Pieces of tables in fewer bytes, to be kept until they are due. Every field of the entries is a
//! column of steps, each in as many bytes as the widest needs: chunks and runs take a quarter that
//! way, sizes a quarter to half, and what is constant nothing.

use crate::tables::Table;

mod sizes;

pub(crate) use sizes::pack_sizes;

/// What stands before the steps of a column: the first value, the least step, bytes of a step.
const HEAD: usize = 8 + 8 + 1;

/// Puts whole entries of `table`, which is not that of sizes, into `out` in few bytes, in the place
/// of what that holds.
pub(crate) fn pack(table: Table, piece: &[u8], out: &mut Vec<u8>) {
    out.clear();
    columns(table, &mut Packing { piece, out });
}

/// Puts what was packed into `out`, in the place of what that holds: `len` bytes as they stand in
/// the file.
pub(crate) fn unpack(table: Table, packed: &[u8], len: usize, out: &mut Vec<u8>) {
    out.resize(len, 0);
    match table {
        Table::Stsz => sizes::unpack_sizes(packed, out),
        _ => columns(table, &mut Unpacking { columns: packed, out }),
    }
}

/// What is done with each column of a table.
trait Columns {
    /// The fields of `FIELD` bytes at `AT` of entries of `ENTRY` bytes.
    fn column<const ENTRY: usize, const FIELD: usize, const AT: usize>(&mut self);
}

fn columns(table: Table, of: &mut impl Columns) {
    match table {
        Table::Stts | Table::Ctts => {
            of.column::<8, 4, 0>();
            of.column::<8, 4, 4>();
        }
        Table::Stss => of.column::<4, 4, 0>(),
        Table::Stsc => {
            of.column::<12, 4, 0>();
            of.column::<12, 4, 4>();
            of.column::<12, 4, 8>();
        }
        Table::Stsz => {}
        Table::Co64 => of.column::<8, 8, 0>(),
    }
}

struct Packing<'a> {
    piece: &'a [u8],
    out: &'a mut Vec<u8>,
}

impl Columns for Packing<'_> {
    #[inline(always)]
    fn column<const ENTRY: usize, const FIELD: usize, const AT: usize>(&mut self) {
        let mut values = self.piece.chunks_exact(ENTRY).map(|entry| {
            let mut value = [0; 8];
            value[8 - FIELD..].copy_from_slice(&entry[AT..AT + FIELD]);
            u64::from_be_bytes(value)
        });
        let Some(first) = values.next() else { return };
        let steps = values.scan(first, |before, value| {
            let step = value.wrapping_sub(*before) as i64;
            *before = value;
            Some(step)
        });
        let ends = |(least, most): (i64, i64), step: i64| (least.min(step), most.max(step));
        let (least, most) = steps.clone().fold((i64::MAX, i64::MIN), ends);
        let width = if least > most { 0 } else { width(most.wrapping_sub(least) as u64) };
        let begin = self.out.len() + HEAD;
        self.out.reserve(HEAD + self.piece.len() / ENTRY * width);
        self.out.extend_from_slice(&first.to_le_bytes());
        self.out.extend_from_slice(&least.to_le_bytes());
        self.out.push(width as u8);
        self.out.resize(begin + (self.piece.len() / ENTRY - 1) * width, 0);
        let out = &mut self.out[begin..];
        let steps = steps.map(|step| step.wrapping_sub(least) as u64);
        match width {
            0 => {}
            1 => put::<1>(steps, out),
            2 => put::<2>(steps, out),
            3 => put::<3>(steps, out),
            4 => put::<4>(steps, out),
            _ => put::<8>(steps, out),
        }
    }
}

/// Bytes of a number up to `most`.
fn width(most: u64) -> usize {
    match most {
        0 => 0,
        1..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xff_ffff => 3,
        0x100_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}

#[inline(always)]
fn put<const WIDTH: usize>(steps: impl Iterator<Item = u64>, out: &mut [u8]) {
    for (step, out) in steps.zip(out.chunks_exact_mut(WIDTH)) {
        out.copy_from_slice(&step.to_le_bytes()[..WIDTH]);
    }
}

struct Unpacking<'a> {
    columns: &'a [u8],
    out: &'a mut [u8],
}

impl Columns for Unpacking<'_> {
    #[inline(always)]
    fn column<const ENTRY: usize, const FIELD: usize, const AT: usize>(&mut self) {
        let Some((head, rest)) = self.columns.split_at_checked(HEAD) else { return };
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&head[at..at + 8]);
            u64::from_le_bytes(number)
        };
        let (first, least, width) = (number(0), number(8), usize::from(head[16]));
        let entries = self.out.len() / ENTRY;
        let (steps, rest) = rest.split_at(entries.saturating_sub(1) * width);
        self.columns = rest;
        let mut value = first;
        let mut fields = self.out.chunks_exact_mut(ENTRY).map(|entry| &mut entry[AT..AT + FIELD]);
        let mut set = |step: Option<u64>| {
            let Some(field) = fields.next() else { return };
            if let Some(step) = step {
                value = value.wrapping_add(least).wrapping_add(step);
            }
            field.copy_from_slice(&value.to_be_bytes()[8 - FIELD..]);
        };
        set(None);
        match width {
            0 => (1..entries).for_each(|_| set(Some(0))),
            1 => take::<1>(steps, set),
            2 => take::<2>(steps, set),
            3 => take::<3>(steps, set),
            4 => take::<4>(steps, set),
            _ => take::<8>(steps, set),
        }
    }
}

#[inline(always)]
fn take<const WIDTH: usize>(steps: &[u8], mut set: impl FnMut(Option<u64>)) {
    for step in steps.chunks_exact(WIDTH) {
        let mut number = [0; 8];
        number[..WIDTH].copy_from_slice(step);
        set(Some(u64::from_le_bytes(number)));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn kept(table: Table, piece: &[u8]) -> (Vec<u8>, usize) {
        let (mut packed, mut out) = (b"before".to_vec(), b"what was there".to_vec());
        let sizes = piece.chunks_exact(4).map(|size| u32::from_be_bytes(size.try_into().unwrap()));
        match table {
            Table::Stsz => pack_sizes(&sizes.collect::<Vec<u32>>(), &mut packed),
            _ => pack(table, piece, &mut packed),
        }
        unpack(table, &packed, piece.len(), &mut out);
        (out, packed.len())
    }

    /// Numbers about `middle` that differ by less than some power of two.
    fn numbers() -> impl Strategy<Value = Vec<u64>> {
        let about = (any::<u64>(), 0u32..64);
        about.prop_flat_map(|(middle, bits)| {
            let near = (0..1u64 << bits).prop_map(move |step| middle.wrapping_add(step));
            proptest::collection::vec(near, 0..40)
        })
    }

    proptest! {
        #[test]
        fn pieces_come_back_as_they_were(
            columns in proptest::collection::vec(numbers(), 3), table in 0usize..6
        ) {
            let table = Table::ALL[table];
            let of_32 = |columns: &[Vec<u64>]| -> Vec<u8> {
                let entries = columns.iter().map(Vec::len).min().unwrap_or(0);
                let fields = (0..entries).flat_map(|at| columns.iter().map(move |of| of[at]));
                fields.flat_map(|field| (field as u32).to_be_bytes()).collect()
            };
            let piece = match table {
                Table::Stts | Table::Ctts => of_32(&columns[..2]),
                Table::Stss | Table::Stsz => of_32(&columns[..1]),
                Table::Stsc => of_32(&columns),
                Table::Co64 => columns[0].iter().flat_map(|at| at.to_be_bytes()).collect(),
            };
            prop_assert_eq!(kept(table, &piece).0, piece);
        }
    }

    #[test]
    fn what_is_steady_takes_next_to_nothing() {
        let of = |fields: &mut dyn Iterator<Item = u32>| -> Vec<u8> {
            fields.flat_map(u32::to_be_bytes).collect()
        };
        let sizes = of(&mut (0..1000).map(|_| 170));
        assert_eq!(kept(Table::Stsz, &sizes), (sizes, sizes::HEAD));
        let chunks = of(&mut (0..1000).flat_map(|number| [7000 + number, 20 + number % 3, 1]));
        assert_eq!(kept(Table::Stsc, &chunks), (chunks, 3 * HEAD + 999));
        let uneven = of(&mut (0..1000).map(|number| 5000 + number % 7 * 900));
        assert_eq!(kept(Table::Stsz, &uneven), (uneven, sizes::HEAD + 2 * 1000));
        // Key frames do not make all others wide.
        let pictures =
            |number: u32| if number.is_multiple_of(50) { 120_000 } else { 5000 + number % 7 * 900 };
        let pictures = of(&mut (0..1000).map(pictures));
        assert_eq!(kept(Table::Stsz, &pictures), (pictures, sizes::HEAD + 2 * 1000 + 8 * 20));
    }
}
