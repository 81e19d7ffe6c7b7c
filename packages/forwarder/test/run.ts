import { runForwarder } from '../src/index.ts'

// The process that tests kill.
await runForwarder(process.argv[2] ?? '', process)
