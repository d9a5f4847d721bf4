// A program with a child that has a call which never ends. Says `ready`, and waits to be killed.

import { openCall } from '../../src/core/call.ts'
import { createPlaces } from '../../src/places/places.ts'
import { one } from '../../src/core/station.ts'
import { testStation } from './stations.ts'

const places = createPlaces({ child: { place: 'process', size: 1 } })
const station = await places.open(testStation, 'child')
const call = openCall({ tenant: 'tests' })
void one(station, { do: 'stick' }, call)
await one(station, { do: 'echo', value: 'taken' }, call)
process.stdout.write('ready\n')
