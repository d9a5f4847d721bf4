// The house server as a program.

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { makeServer } from './house-server.ts'

await makeServer().connect(new StdioServerTransport())
