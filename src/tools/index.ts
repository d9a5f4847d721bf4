// andon/tools: a registry of tools whose deadlines hold.
//
//   import { ToolRegistry } from 'andon/tools'
//
//   await using tools = new ToolRegistry()
//   await tools.registerModule(new URL('./my-tools.ts', import.meta.url))
//   const results = await tools.executeToolCalls(tools.callsFrom(message, 'openai-chat'))
//   messages.push(...tools.messagesFor(results, 'openai-chat'))

export { ToolRegistry, type RegistryOptions } from './registry.ts'
export type { ToolQuery, ToolTarget } from './registry-shelf.ts'
export {
  defineTool,
  type ClosureDefinition,
  type CodeDefinition,
  type RemoteDefinition,
  type ToolDefinition,
  type ToolDescription,
} from './definition.ts'
export { registerBuiltIn, type BuiltInOptions } from './built-in/register.ts'
export type { ArtifactsOptions } from './artifacts.ts'
export { discoveredIn, type FoundTool, type ToolSummary } from './discovery.ts'
export { callFailed, type CallFailure } from './failure.ts'
export type { ConnectorModule } from './connector.ts'
export { createExecutor, type Executor } from './executor.ts'
export type { ExecutorOptions } from './executor-options.ts'
export type { AiSdkTool, ForeignOptions, LangChainTool } from './foreign.ts'
export { callsFrom, messagesFor, toolsFor, type FormatName } from './formats/formats.ts'
export type { OpenApiAuth, Secret } from './openapi/auth.ts'
export type { OpenApiOptions } from './openapi/openapi.ts'
export {
  decide,
  rules,
  type Approval,
  type ApprovalRequest,
  type Decision,
  type Permission,
  type Policy,
  type PolicyOptions,
  type Rule,
} from './policy.ts'
export type { ChangeListener, RegistryChange } from './registry-changes.ts'
export type { McpOptions, McpServerState } from './mcp/options.ts'
export type { McpAddress, McpAuth, McpProgram, McpServer } from './mcp/server.ts'
export type { ClassOptions, ModuleOptions } from './registry-code.ts'
export type { SchemaLike, StandardSchema } from './schema.ts'
export type {
  CodeSource,
  ExecuteOptions,
  JsonSchema,
  RemoteSource,
  Tool,
  ToolCall,
  ToolContext,
  ToolErrorKind,
  ToolLimits,
  ToolMode,
  ToolPlace,
  ToolResult,
  ToolTraits,
  ToolTrust,
} from './tool.ts'
