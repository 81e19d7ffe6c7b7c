import { systemClock } from '@weir/runtime'
import { settingsOrEnd } from '../settings-or-end.ts'
import { SiemAlerts } from './alerts.ts'
import { portOf, serveControl } from './control.ts'
import { Faults } from './faults.ts'
import { HecReceiver } from './hec-receiver.ts'
import { Ledger } from './ledger.ts'
import { readSettings } from './settings.ts'
import { SyslogReceiver } from './syslog-receiver.ts'

const { data, cert, key, ca, ports } = settingsOrEnd(readSettings, process)
const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
const alerts = new SiemAlerts()
const faults = new Faults()
const ledger = await Ledger.open(data, (kept) => alerts.keep(kept))
const tls = new SyslogReceiver(ledger, faults, systemClock, { cert, key, ...clients })
const tcp = new SyslogReceiver(ledger, faults, systemClock)
const hec = new HecReceiver(ledger, faults, systemClock, { cert, key })
const parts = { ledger, alerts, faults, tls: tls.counts, tcp: tcp.counts, hec: hec.counts }

const syslogTls = await tls.listen(ports.tls)
const syslogTcp = await tcp.listen(ports.tcp)
const hecPort = await hec.listen(ports.hec)
const control = await serveControl(parts, ports.control)

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
