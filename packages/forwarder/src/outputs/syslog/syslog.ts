import { outputType } from '../output-type.ts'
import { reachSyslog } from './check.ts'
import { syslogConfig } from './config.ts'
import { SyslogOutput } from './send.ts'

export const SYSLOG = outputType({
  schema: syslogConfig,
  open: (config, tools) => new SyslogOutput(config, tools),
  check: reachSyslog,
})
