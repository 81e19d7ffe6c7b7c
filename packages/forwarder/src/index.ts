export { type ForwarderConfig, forwarderConfig, readForwarderConfig, readSpoolPath } from './config.ts'
export { type Check, doctor } from './doctor.ts'
export { type Forwarder, type ForwarderTools, startForwarder } from './forwarder.ts'
export { LIMITS, type Limits } from './limits.ts'
export { runForwarder } from './main.ts'
export {
  dropQueue,
  listQueue,
  type QueueChoice,
  type QueueItem,
  retryQueue,
  type Waiting,
} from './spool/queue.ts'
export { type OutputBacklog, type SpoolStatus, spoolStatus } from './spool/spool-status.ts'
export type { ForwarderStatus } from './status.ts'
