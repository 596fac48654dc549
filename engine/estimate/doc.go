// Package estimate holds the numerics of street-level estimates: shares learnt
// from a precinct's neighbours and from the census, whole numbers that keep
// their totals, and the doubt of each. Everything here is a pure function of its
// arguments. [Cross] estimates who of one contest's voters chose what in another.
//
// Words: a precinct is the area votes are counted in. A part is what one street
// segment has in one precinct. Registered voters of a precinct are R, of a part
// n; a choice (abstention and blank votes included) got V votes, so that the
// votes of all choices add up to R.
//
// The way of one contest, [Estimate]: [LargestRemainder] shares R out over the
// parts by weight. For each choice the log odds of V are a Gaussian process seen
// through precincts, which are averages of their parts (area-to-point kriging,
// Kyriakidis 2004): three fields in space, slopes on covariates, a kernel on the
// census, a chance of each part's own ([component] says why each). How much each
// counts is learnt by marginal likelihood. The prediction for a part comes from
// its precinct and those around it, block by block. Three models are mixed, one
// without covariates and two that smooth them near and far. Raking brings the
// parts to the official totals, [Rounder.Round] makes whole numbers that add up
// both by part and by choice, [Rounder.Split] hands them down to the cells of a
// part. [Estimates.Unit] gives the interval of any unit made of parts,
// [Backtest] measures how true all that is.
//
// # What was tried
//
// Ballots misplaced, in per cent, where areas merged five by five are told apart
// again (paris2017, twincities2016, sanfrancisco2016):
//
//	flat share                                             5.09  7.06  2.10
//	places alone                                           4.68  6.46  1.97
//	with the census as a slope each, log ratios            4.07  5.19  1.97
//	  half of that, half of places alone                   3.99  5.36  1.97
//	  and density, voters by inhabitant, voters            4.11  5.02  1.94
//	    one variance for all slopes                        4.10  4.91  1.94
//	    and slopes that vary by neighborhood               4.09  4.93  1.95
//	    and the smooth part of covariates apart, far       3.98  4.91  1.96
//	    and a kernel on the census: the far model here     3.94  4.81  1.95
//	this package                                           3.86  4.77  1.93
//	bound: nine groups in ten seen area by area            3.80  4.44  1.92
//
// The last line is a model with slopes and a kernel on the census that learns
// from the areas themselves, but for a tenth of the groups at a time, whose areas
// it predicts: no learning from totals can be expected to come far below it with
// these covariates.
//
// Without gain, within 0.5 %: lengths of the fields halved, doubled, one, two,
// four or five of them; Matern kernels; distances between areas instead of
// centers, or measured in local spacings (along streets could not be tried: the
// cases have none); a Gauss-Newton pass for the logarithm of a mean (4.69, 6.46,
// 1.97 for places alone); log ratios to the largest choice, centered, or by
// principal components, instead of each choice against the rest; the mean over
// the variances' posterior instead of its mode; variances learnt for all choices
// together; heavy tails for odd precincts; a linear scale (alone 1 % worse, in
// the mixture no better). Covariates by root or rank are 1 to 3 % worse.
//
// Mixing: weights of the models learnt for each choice by merging precincts once
// more, with a prior at equal weights, gave 3.91, 4.91 and 1.93 where fixed
// weights gave 3.89, 4.92 and 1.92, and without a strong prior 3.94, 4.98 and
// 1.94: what such merging shows is how covariates count between larger areas.
// Slopes of truth on estimate, learnt likewise, came out between 0.96 and 1.27,
// and 0.5 to 0.9 for San Francisco by tens, where following them made it worse
// (2.21 for 2.17). The fixed weights are flat at their best: between 0.1 and 0.3
// for places alone. Where no covariate is measured they count half.
//
// A precinct without a result is predicted from those around it: of 17 precincts of
// Paris in 2017 whose results were hidden, shares of 2 % and more were 1.24 points
// off (the city's mean 4.51), 49 and 90 % of them within the intervals.
//
// The intervals are the model's own, with the tails of a Student distribution.
// Its degrees of freedom (5) and the variance of streets are the same everywhere,
// and were chosen looking at all of these cases and at seeded cities together.
package estimate
