// Invented people and things of an invented company.

export const FIRST_NAMES = (
  'Amira Anton Astrid Bela Bruno Carla Cem Dana David Edda Emil Esra Fabian Finja Greta Hakan Hanna Henrik ' +
  'Ida Ivan Jana Jonas Karla Kofi Lale Lars Lena Malik Mara Milan Nele Nils Olga Oskar Pia Rafael Romy Sami ' +
  'Tilda Yara'
).split(' ')

export const LAST_NAMES = (
  'Albers Arslan Bachmann Behrens Berger Brandt Carstens Claasen Dierks Ebert Eggers Falk Franke Gerdes ' +
  'Grothe Hansen Harms Heller Ilic Jansen Kaya Keller Kramer Lindner Lorenz Maurer Mertens Nowak Ottens ' +
  'Peters Petrov Raabe Reimers Sander Scholz Thiel Ulrich Voss Wendt Ziegler'
).split(' ')

export const DEPARTMENTS = ['Sales', 'Finance', 'Logistics', 'Purchasing', 'IT', 'HR', 'Warehouse', 'Legal']

export interface City {
  readonly city: string
  readonly state: string
  readonly country: string
  readonly latitude: number
  readonly longitude: number
}

export const CITIES: readonly City[] = [
  { city: 'Hamburg', state: 'Hamburg', country: 'DE', latitude: 53.55, longitude: 9.99 },
  { city: 'Bremen', state: 'Bremen', country: 'DE', latitude: 53.08, longitude: 8.8 },
  { city: 'Rotterdam', state: 'Zuid-Holland', country: 'NL', latitude: 51.92, longitude: 4.48 },
  { city: 'Aarhus', state: 'Midtjylland', country: 'DK', latitude: 56.16, longitude: 10.2 },
  { city: 'Szczecin', state: 'Zachodniopomorskie', country: 'PL', latitude: 53.43, longitude: 14.55 },
]

/** What people work with; ids of the public ones are those of Microsoft's own applications. */
export const USER_APPS = [
  { id: '4765445b-32c6-49b0-83e6-1d93765276ca', name: 'OfficeHome' },
  { id: '00000002-0000-0ff1-ce00-000000000000', name: 'Office 365 Exchange Online' },
  { id: '00000003-0000-0ff1-ce00-000000000000', name: 'Office 365 SharePoint Online' },
  { id: '5e3ce6c0-2b1f-4285-8d4b-75ee78787346', name: 'Microsoft Teams Web Client' },
  { id: '7f0b1f6a-31c2-4a51-9b07-5d2c9a4e1001', name: 'Freight Portal' },
  { id: '7f0b1f6a-31c2-4a51-9b07-5d2c9a4e1002', name: 'Warehouse Planner' },
  { id: '7f0b1f6a-31c2-4a51-9b07-5d2c9a4e1003', name: 'Travel Expenses' },
] as const

export const RESOURCES = [
  { id: '00000002-0000-0ff1-ce00-000000000000', name: 'Office 365 Exchange Online' },
  { id: '00000003-0000-0ff1-ce00-000000000000', name: 'Office 365 SharePoint Online' },
  { id: '00000003-0000-0000-c000-000000000000', name: 'Microsoft Graph' },
] as const

export interface Device {
  readonly system: string
  readonly browser: string
  readonly agent: string
}

export const DEVICES: readonly Device[] = [
  {
    system: 'Windows11',
    browser: 'Edge 130.0.0',
    agent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 ' +
      'Safari/537.36 Edg/130.0.0.0',
  },
  {
    system: 'MacOs',
    browser: 'Safari 18.1',
    agent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 ' +
      'Safari/605.1.15',
  },
  {
    system: 'Ios 18.1',
    browser: 'Mobile Safari',
    agent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
      'Version/18.1 Mobile/15E148 Safari/604.1',
  },
]

export const SERVICES = (
  'invoice-sync freight-quotes label-printer stock-feed backup-orchestrator report-builder customs-bridge ' +
  'route-optimizer mail-gateway price-import crm-export scan-ingest'
).split(' ')
