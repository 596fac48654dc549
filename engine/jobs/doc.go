// Package jobs keeps work that outlives a request. A kind of job is a name and a function; what a job is to do, how far it is and what came of it
// are small files, so that a job goes on after a restart:
//
//	state/jobs/<id>/request.json    what was asked, with the snapshot it is about: written once, when the job is accepted
//	state/jobs/<id>/input           the rows that it is about, where it was given some: there until the job has ended
//	state/jobs/<id>/state.json      its state, replaced with each change
//	state/jobs/<id>/results/        its results, there only as a whole, and the rows it could not take
//	state/webhooks/<campaign>.json  the secret that a campaign's callbacks are signed with
//
// A kind is a function of its parameters and its snapshot alone. A job that was killed begins again, and ends with the bytes of an unbroken run;
// after a few attempts it has failed. It has a time limit, and ends when that is over whether its kind listens or not. Campaigns take turns,
// and see their own jobs only.
package jobs
