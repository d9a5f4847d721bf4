// Where a model of Gemini's stands below the address.

/** The path of a method of a model, which may be named with or without its collection: `models/…`, `tunedModels/…`. */
export function modelPath(model: string, method: string): string {
  return `/${modelName(model).split('/').map(encodeURIComponent).join('/')}:${method}`
}

/** The whole name: a plain one is among the `models`. */
export function modelName(model: string): string {
  return model.includes('/') ? model : `models/${model}`
}
