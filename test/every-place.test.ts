// Every station that may move, in every place where it may run: the same answers, errors and cancellation.

import { ourStationsKeepTheirPromises } from './every-place/our-stations.ts'
import { everyPlaceKeepsItsPromises } from './every-place/suite.ts'

everyPlaceKeepsItsPromises()
ourStationsKeepTheirPromises()
