//! The normal distribution, as far as detection needs it.

use std::f64::consts::PI;

/// Distribution function over density (Mills' ratio, of the lower tail): what averages a likelihood over a half-normal size. The tail is that of
/// Abramowitz and Stegun 26.2.17, a density times a polynomial, to 1e-7 of the distribution function; so the lower half costs no exponential.
pub(crate) fn mills_ratio(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let polynomial = t
        * (0.319_381_53
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    // √(2π) e^(z²/2) is one over the density.
    if z > 0.0 { (2.0 * PI).sqrt() * (z * z / 2.0).exp() - polynomial } else { polynomial }
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
            assert!((mills_ratio(z) * density - expected).abs() < 2e-7, "{z}");
        }
    }
}
