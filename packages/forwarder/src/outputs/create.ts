import type { OutputConfig } from '../config.ts'
import { createFileOutput } from './file.ts'
import { createHecOutput } from './hec.ts'
import type { Output, OutputTools } from './output.ts'
import { SyslogOutput } from './syslog.ts'

/** Makes an output; it connects when it is first given something to send. */
export function createOutput(config: OutputConfig, tools: OutputTools): Output {
  switch (config.type) {
    case 'syslog':
      return new SyslogOutput(config, tools)
    case 'hec':
      return createHecOutput(config, tools)
    case 'file':
      return createFileOutput(config)
    default:
      return config satisfies never
  }
}
