/** What the forwarder's own tests stand on. */

// biome-ignore lint/style/noRestrictedImports: test code of a package is no part of its public face
export { FeedStandIn, TOKEN } from '../../packages/forwarder/test/support/aggregator.ts'
// biome-ignore lint/style/noRestrictedImports: as above
export { makeAlert, member } from '../../packages/forwarder/test/support/alert.ts'
// biome-ignore lint/style/noRestrictedImports: as above
export { parseCef } from '../../packages/forwarder/test/support/cef-parser.ts'
// biome-ignore lint/style/noRestrictedImports: as above
export { makeCertificates, pemFiles } from '../../packages/forwarder/test/support/certificates.ts'
