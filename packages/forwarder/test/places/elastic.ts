import { ElasticStandIn } from '../support/elastic.ts'
import type { OutputPlaceType } from './place.ts'

export const ELASTIC_PLACE: OutputPlaceType = place('elastic into an index', 'index')
export const ELASTIC_STREAM_PLACE: OutputPlaceType = place('elastic into a data stream', 'data stream')

const BAD = { status: 400, error: { type: 'document_parsing_exception', reason: 'failed to parse field' } }

function place(name: string, kind: 'index' | 'data stream'): OutputPlaceType {
  return {
    name,
    can: ['refuse one', 'refuse us'],
    open: async () => {
      const server = new ElasticStandIn(kind)
      const url = await server.listen()
      const target = kind === 'index' ? { index: server.target } : { dataStream: server.target }
      return {
        config: { type: 'elastic', url, apiKey: { file: 'elastic-key' }, ...target },
        received: () => server.arrived,
        down: async () => {
          server.refuses = 503
        },
        up: async () => {
          server.refuses = undefined
        },
        refuse: (id) => {
          server.item = (of) => (of === id ? BAD : undefined)
        },
        refuseSetup: (refused) => {
          server.refuses = refused ? 401 : undefined
        },
        close: () => server.close(),
      }
    },
  }
}
