/** The modals. Each is a pure function of the state; listeners open what these return. */
export { detailsView } from './views/details.ts';
export { planView } from './views/plan.ts';
export { rejectView } from './views/reject.ts';
export { signView } from './views/sign.ts';
export { stepsView } from './views/steps.ts';
