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
//
// # What the field says
//
// Two states are kept apart. Theta is the own choice's share at the last result;
// [Field.Update] learns of it only how the parts of a precinct differ, and the
// precinct keeps its official votes. The swing since is that of an area, from
// [LearnField]; theta and swing together are a forecast, a scenario. Answers are
// heard on a ladder of five steps ([Ladder]) from those who are in the mood to talk
// ([Response]), by teams that note more or less kindly ([FieldTeam]); they halve in
// sixty days ([Decay]). Who was not met or refused says nothing of support. The mean
// of what is heard is swing, enthusiasm to answer and kindness in one, and
// [Field].Separable says whether anything tells them apart. [RankStreets] orders
// streets by what an hour of knocking gains, as far as anybody can tell.
//
// A team is believed as far as its answers follow what is known: the slope of its
// answers on what the last result makes likely, from precinct to precinct and street
// to street. A slope near 1 is a team that listens, near 0 one that makes up, below 0
// one that notes the opposite; the weight is what is expected of the slope, and at
// most a half, for whoever reads the results can make up answers that follow them. A
// weight w gains w (2-w) of what there is to gain where a team is honest, and loses w^2
// of it where its answers are noise: a half gains three quarters and risks one.
//
// What was tried, on the canvasses of seeded cities (datasets/city; error of the own
// list's share by street in points, change by a canvass of 40 % of the doors, mean
// of eight towns, and the worst of 24 canvasses of invented answers, repeats not looked at):
//
//	most weight 0.6, 2.2 1.2 0.6 teams assumed to listen, make up, reverse  -0.019  +0.051
//	most weight 0.5, the same                                               -0.016  +0.045
//	most weight 0.5, 2 2 1 teams: this package                              -0.016  +0.038
//	most weight 0.5, 4 6 2 teams                                            -0.014  +0.037
//
// On five towns and three cities, honest teams alone: most weight 0.6 -0.017, 1 -0.020;
// with 1, the true ladder and responses -0.019, nothing in common between
// neighbouring streets -0.013, four fifths of the variance -0.021, and that over
// 300 metres -0.019, the doubt of streets half as large again -0.015.
//
// There is not more to gain: an answer is worth a fifth of a per cent of the
// precision that a street's share is known with before, for all kinds of voters
// use all steps of the ladder. With a ladder that told each voter's choice for certain,
// 9,900 answers of a city's 111,000 voters would gain 0.13 points. Whether streets
// vary more than chance in what is heard tells nothing of a team: the excess is 0.2 %
// of an answer's variance. What people say of their own turnout is not used yet.
package estimate
