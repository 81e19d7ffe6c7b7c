export { type Correlator, type CorrelatorStatus, createCorrelator, type Packing } from './correlator.ts'
export { CORRELATE_LIMITS, type CorrelateLimits } from './limits.ts'
export { renderMessage } from './template.ts'
