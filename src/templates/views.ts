/** The modals. Each is a pure function of the state; listeners open what these return. */
export { changeView } from './views/change.ts';
export { detailsView } from './views/details.ts';
export { overrideView, reviewView } from './views/override.ts';
export { planView } from './views/plan.ts';
export { putBackView, scopeOf } from './views/put-back.ts';
export { rejectView } from './views/reject.ts';
export { reportView } from './views/report.ts';
export { signView } from './views/sign.ts';
export { skipView } from './views/skip.ts';
export { stepsView } from './views/steps.ts';
