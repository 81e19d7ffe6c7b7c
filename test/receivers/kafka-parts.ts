/** What the forwarder's own tests stand on. */

// biome-ignore lint/style/noRestrictedImports: test code of a package is no part of its public face
export { setting, start } from '../../packages/forwarder/test/bench.ts'
// biome-ignore lint/style/noRestrictedImports: as above
export { FeedStandIn } from '../../packages/forwarder/test/support/aggregator.ts'
// biome-ignore lint/style/noRestrictedImports: as above
export { makeAlert } from '../../packages/forwarder/test/support/alert.ts'
// biome-ignore lint/style/noRestrictedImports: as above
export { makeCertificates, pemFiles } from '../../packages/forwarder/test/support/certificates.ts'
