import { Hook } from '../support/hook.ts'
import type { OutputPlaceType } from './place.ts'

export const WEBHOOK_PLACE: OutputPlaceType = {
  name: 'webhook',
  can: ['refuse one', 'refuse us'],
  open: async () => {
    const hook = new Hook()
    const port = await hook.listen()
    return {
      config: { type: 'webhook', url: `http://127.0.0.1:${port}/hook`, body: { id: '{{event.id}}' } },
      received: () => hook.revisions(),
      down: async () => {
        hook.answer = () => ({ status: 503 })
      },
      up: async () => {
        hook.answer = () => ({ status: 200 })
      },
      refuse: (id) => {
        hook.answer = ({ body }) => ({ status: JSON.parse(body.toString()).id === id ? 422 : 200 })
      },
      refuseSetup: (refused) => {
        hook.answer = () => ({ status: refused ? 401 : 200 })
      },
      close: () => hook.close(),
    }
  },
}
