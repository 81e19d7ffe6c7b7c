export { checkBlobs } from './blobs/check.ts'
export * from './blobs/config.ts'
export { blobSource } from './blobs/source.ts'
export * from './credential.ts'
export * from './deps.ts'
export { checkEventHubs } from './eventhubs/check.ts'
export {
  EVENT_HUBS_BOUNDS,
  type EventHubsAuth,
  type EventHubsBounds,
  type EventHubsConfig,
} from './eventhubs/config.ts'
export { sendToHub } from './eventhubs/send.ts'
export { eventHubsSource } from './eventhubs/source.ts'
export { checkFiles } from './files/check.ts'
export { filesOf, STDIN } from './files/inputs.ts'
export { type FileDeps, fileMessages } from './files/messages.ts'
export { FILE_BOUNDS, type FileBounds } from './files/pieces.ts'
export { type FileConfig, fileSource } from './files/source.ts'
export { checkGraph } from './graph/check.ts'
export {
  GRAPH_BOUNDS,
  type GraphBounds,
  type GraphConfig,
  type GraphStreamName,
  type SignInEventType,
} from './graph/config.ts'
export { graphSource } from './graph/source.ts'
export { checkCredentialReport } from './iam/check.ts'
export * from './iam/config.ts'
export { credentialReportSource } from './iam/source.ts'
export * from './inbox.ts'
export { look, type SourceCheck } from './look.ts'
export { checkO365 } from './o365/check.ts'
export { O365_BOUNDS, type O365Bounds, type O365Config, type O365ContentType } from './o365/config.ts'
export { o365Source } from './o365/source.ts'
export { checkS3 } from './s3/check.ts'
export * from './s3/config.ts'
export { s3Source } from './s3/source.ts'
export { checkSyslog } from './syslog/check.ts'
export * from './syslog/config.ts'
export { syslogSource } from './syslog/source.ts'
