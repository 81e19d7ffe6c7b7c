import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { systemClock } from '@weir/runtime'
import { SiemAlerts } from './alerts.ts'
import { portOf, serveControl } from './control.ts'
import { Faults } from './faults.ts'
import { HecReceiver } from './hec-receiver.ts'
import { Ledger } from './ledger.ts'
import { SyslogReceiver } from './syslog-receiver.ts'

const { values: args } = parseArgs({
  options: {
    tls: { type: 'string', default: '0' },
    tcp: { type: 'string', default: '0' },
    hec: { type: 'string', default: '0' },
    control: { type: 'string', default: '0' },
    data: { type: 'string' },
    cert: { type: 'string' },
    key: { type: 'string' },
    ca: { type: 'string' },
  },
})
if (args.data === undefined || args.cert === undefined || args.key === undefined) {
  process.stderr.write(
    'usage: main.ts --data FILE --cert FILE --key FILE [--ca FILE] [--tls|tcp|hec|control PORT]\n',
  )
  process.exit(2)
}

const certificate = { cert: readFileSync(args.cert), key: readFileSync(args.key) }
const clients =
  args.ca === undefined ? {} : { ca: readFileSync(args.ca), requestCert: true, rejectUnauthorized: true }
const alerts = new SiemAlerts()
const faults = new Faults()
const ledger = await Ledger.open(args.data, (kept) => alerts.keep(kept))
const tls = new SyslogReceiver(ledger, faults, systemClock, { ...certificate, ...clients })
const tcp = new SyslogReceiver(ledger, faults, systemClock)
const hec = new HecReceiver(ledger, faults, systemClock, certificate)
const parts = { ledger, alerts, faults, tls: tls.counts, tcp: tcp.counts, hec: hec.counts }

const syslogTls = await tls.listen(Number(args.tls))
const syslogTcp = await tcp.listen(Number(args.tcp))
const hecPort = await hec.listen(Number(args.hec))
const control = await serveControl(parts, Number(args.control))

process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.stdout.write(
  `${JSON.stringify({
    ready: true,
    pid: process.pid,
    syslogTls,
    syslogTcp,
    hec: `https://localhost:${hecPort}`,
    control: `http://127.0.0.1:${portOf(control)}`,
  })}\n`,
)

function stop(): void {
  control.close()
  control.closeAllConnections()
  tls.close()
  tcp.close()
  hec.close()
  ledger.close().finally(() => process.exit(0))
}
