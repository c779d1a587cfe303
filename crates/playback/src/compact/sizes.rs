//! Sizes of samples in few bytes: how much larger each is than the least, in as many bytes as most
//! of them need, and apart from that the few that need more, as key frames do. There is no branch
//! for a single one: there are tens of millions of them in a week.

/// What stands before the steps: the least size, bytes of a step, how many need more.
pub(super) const HEAD: usize = 4 + 1 + 4;
/// One that needs more: which, and how much larger than the least it is.
const LARGE: usize = 4 + 4;

/// Puts sizes into `out` in few bytes, in the place of what that holds.
pub(crate) fn pack_sizes(sizes: &[u32], out: &mut Vec<u8>) {
    out.clear();
    let ends = |(least, most): (u32, u32), size: &u32| (least.min(*size), most.max(*size));
    let (least, most) = sizes.iter().fold((u32::MAX, 0), ends);
    let Some(range) = most.checked_sub(least) else { return };
    let widest = 4 - range.leading_zeros() as usize / 8;
    let larger = |width: usize| match width {
        0..4 if width < widest => {
            let bits = 8 * width as u32;
            sizes.iter().map(|size| u32::from((size - least) >> bits != 0)).sum()
        }
        _ => 0,
    };
    let bytes = |(width, large): (usize, u32)| width * sizes.len() + large as usize * LARGE;
    // Narrower by one byte or two: with fewer nearly all of them would need more.
    let widths = widest.saturating_sub(2)..=widest;
    let choice = widths.map(|width| (width, larger(width))).min_by_key(|choice| bytes(*choice));
    let (width, large) = choice.unwrap_or((4, 0));
    out.extend_from_slice(&least.to_le_bytes());
    out.push(width as u8);
    out.extend_from_slice(&large.to_le_bytes());
    out.resize(HEAD + width * sizes.len(), 0);
    match width {
        0 => {}
        1 => put::<1>(sizes, least, &mut out[HEAD..]),
        2 => put::<2>(sizes, least, &mut out[HEAD..]),
        3 => put::<3>(sizes, least, &mut out[HEAD..]),
        _ => put::<4>(sizes, least, &mut out[HEAD..]),
    }
    if large > 0 {
        for (at, size) in (0u32..).zip(sizes) {
            let step = size - least;
            if step >> (8 * width as u32) != 0 {
                out.extend_from_slice(&at.to_le_bytes());
                out.extend_from_slice(&step.to_le_bytes());
            }
        }
    }
}

fn put<const WIDTH: usize>(sizes: &[u32], least: u32, out: &mut [u8]) {
    for (size, out) in sizes.iter().zip(out.chunks_exact_mut(WIDTH)) {
        out.copy_from_slice(&(size - least).to_le_bytes()[..WIDTH]);
    }
}

/// Puts what was packed into `out` as it stands in the file, 4 bytes for each.
pub(super) fn unpack_sizes(packed: &[u8], out: &mut [u8]) {
    let Some((head, rest)) = packed.split_first_chunk::<HEAD>() else { return };
    let [a, b, c, d, width, ..] = *head;
    let (least, width) = (u32::from_le_bytes([a, b, c, d]), usize::from(width));
    let Some((steps, large)) = rest.split_at_checked(width * (out.len() / 4)) else { return };
    match width {
        0 => out.chunks_exact_mut(4).for_each(|out| out.copy_from_slice(&least.to_be_bytes())),
        1 => take::<1>(steps, least, out),
        2 => take::<2>(steps, least, out),
        3 => take::<3>(steps, least, out),
        _ => take::<4>(steps, least, out),
    }
    for large in large.chunks_exact(LARGE) {
        let number = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| large[at + byte]));
        let at = number(0) as usize * 4;
        if let Some(out) = out.get_mut(at..at + 4) {
            out.copy_from_slice(&least.wrapping_add(number(4)).to_be_bytes());
        }
    }
}

fn take<const WIDTH: usize>(steps: &[u8], least: u32, out: &mut [u8]) {
    for (step, out) in steps.chunks_exact(WIDTH).zip(out.chunks_exact_mut(4)) {
        let mut number = [0; 4];
        number[..WIDTH].copy_from_slice(step);
        out.copy_from_slice(&least.wrapping_add(u32::from_le_bytes(number)).to_be_bytes());
    }
}
