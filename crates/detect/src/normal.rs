//! The normal distribution, as far as detection needs it.

use std::f64::consts::PI;

/// Distribution function over density (Mills' ratio, of the lower tail): what averages a likelihood over a half-normal size. The tail is that of
/// Abramowitz and Stegun 26.2.17, a density times a polynomial, to 1e-7 of the distribution function; so the lower half costs no exponential.
///
/// Two at once, so that one instruction serves both: this is what a day costs most.
pub(crate) fn mills_ratios(z: [f64; 2]) -> [f64; 2] {
    let t = z.map(|z| 1.0 / (1.0 + 0.231_641_9 * z.abs()));
    let mut polynomial = t.map(|t| t * 1.330_274_429);
    for coefficient in [-1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_53] {
        for side in 0..2 {
            polynomial[side] = t[side] * (coefficient + polynomial[side]);
        }
    }
    // √(2π) e^(z²/2) is one over the density.
    let ratio = |side: usize| {
        let (z, tail) = (z[side], polynomial[side]);
        if z > 0.0 { (2.0 * PI).sqrt() * (z * z / 2.0).exp() - tail } else { tail }
    };
    [ratio(0), ratio(1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_times_the_density_is_the_distribution_function_of_tables() {
        for (z, expected) in [
            (0.0, 0.5),
            (1.0, 0.841_344_75),
            (-1.0, 0.158_655_25),
            (1.959_964, 0.975),
            (-4.0, 3.167e-5),
        ] {
            let density = f64::exp(-z * z / 2.0) / (2.0 * PI).sqrt();
            let [ratio, mirrored] = mills_ratios([z, -z]);
            assert!((ratio * density - expected).abs() < 2e-7, "{z}");
            assert!((mirrored * density - (1.0 - expected)).abs() < 2e-7, "{z}");
        }
    }
}
