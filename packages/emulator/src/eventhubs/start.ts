import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import rhea from 'rhea'
import { type Broker, openBroker } from './broker.ts'
import { createControl } from './control.ts'
import type { HubSpec } from './hubs.ts'
import { Operator } from './operator.ts'
import { MESSAGE_BYTES_MAX } from './sender-link.ts'
import { FRAME_BYTES_MAX, ServedConnection } from './served-connection.ts'

export interface EventHubsOptions {
  /** 0 for any free port. Loopback only. */
  readonly port: number
  /** SQLite file; made when it is not there. */
  readonly file: string
  readonly hubs: readonly HubSpec[]
  /** Any free port when absent. */
  readonly controlPort?: number
  /**
   * Take the enqueued time from the application property `weir-enqueued-at` (epoch milliseconds). Off when
   * absent.
   */
  readonly trustEnqueuedAt?: boolean
}

export interface EventHubsEmulator {
  readonly port: number
  /** Names no hub; the SDK takes that beside it. */
  readonly connectionString: string
  /** Base URL of the control interface. */
  readonly control: string
  /** The same, without HTTP. */
  readonly operator: Operator
  /** Resets what is connected, finishes what was accepted, closes the file. */
  close(): Promise<void>
}

/** Transfers that a sender may have on the way before the emulator has answered any. */
const SEND_CREDIT_TRANSFERS = 300

const HOST = '127.0.0.1'

/**
 * Starts an Event Hubs emulator in this process. Rejects when a port is taken or the file cannot be
 * opened.
 */
export async function startEventHubs(
  options: EventHubsOptions,
  now: () => number = Date.now,
): Promise<EventHubsEmulator> {
  const broker = openBroker({ ...options, trustEnqueuedAt: options.trustEnqueuedAt ?? false }, now)
  const connections = new Set<ServedConnection>()
  const operator = new Operator(broker, connections)
  const amqp = createAmqp(broker, connections)
  const control = createControl(operator)
  const port = await listen(amqp, options.port)
  const controlPort = await listen(control, options.controlPort ?? 0)
  return {
    port,
    connectionString: connectionString(port),
    control: `http://${HOST}:${controlPort}`,
    operator,
    async close() {
      const closed = [once(amqp, 'close'), once(control, 'close')]
      amqp.close()
      control.close()
      control.closeAllConnections()
      broker.queue.flush()
      for (const connection of [...connections]) connection.drop()
      await Promise.all(closed)
      broker.hubs.store.close()
    },
  }
}

function createAmqp(broker: Broker, connections: Set<ServedConnection>): Server {
  const container = rhea.create_container({ id: 'weir-eventhubs' })
  container.sasl_server_mechanisms.enable_anonymous()
  const note = (error: unknown) => {
    broker.errors.count += 1
    broker.errors.last = String(error)
  }
  container.on('error', note)
  return createServer({ noDelay: true }, (socket) => {
    const served = new ServedConnection(container.create_connection(connectionOptions()), socket, broker)
    connections.add(served)
    socket.once('close', () => connections.delete(served))
    served.serve()
  })
}

/** Senders learn the message size from the attach; without it their batches would never be full. */
function connectionOptions() {
  return {
    port: 0,
    max_frame_size: FRAME_BYTES_MAX,
    receiver_options: {
      autoaccept: false,
      credit_window: SEND_CREDIT_TRANSFERS,
      max_message_size: MESSAGE_BYTES_MAX,
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, HOST)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/**
 * The name and key are fixed: any token is taken, and `UseDevelopmentEmulator` makes the SDK leave TLS
 * out.
 */
function connectionString(port: number): string {
  const endpoint = `Endpoint=sb://localhost:${port}`
  return `${endpoint};SharedAccessKeyName=weir;SharedAccessKey=d2Vpcg==;UseDevelopmentEmulator=true`
}
