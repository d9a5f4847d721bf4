// One field of a form made from a schema, with what it is for and what is wrong with it.

import { useId } from 'preact/hooks'
import { langOfText } from '../../language.ts'
import type { Field } from './form.ts'
import { t } from './words.ts'

export interface FieldProps {
  field: Field
  /** Default: the argument's name. */
  label?: string
  value: string
  problem: string | undefined
  onInput: (value: string) => void
}

/** The field. */
export function FieldOf({ field, label, value, problem, onInput }: FieldProps) {
  const id = useId()
  const { name, kind, required, about, example } = field
  const described = [
    ...(about === undefined && kind !== 'list' ? [] : [`${id}-about`]),
    ...(problem === undefined ? [] : [`${id}-problem`]),
  ].join(' ')
  const common = {
    id,
    name: `arg-${name}`,
    'aria-describedby': described === '' ? undefined : described,
    'aria-invalid': problem === undefined ? undefined : true,
    'aria-required': required || undefined,
  }
  return (
    <div class="tools-field">
      <label for={id}>
        {label ?? <code>{name}</code>}
        {required && <span class="mut"> · {t('required')}</span>}
      </label>
      {kind === 'choice' || kind === 'boolean' ? (
        <select {...common} class="field mono" value={value} onChange={(event) => onInput(event.currentTarget.value)}>
          {!(required && value !== '') && <option value="">{required ? '' : t('try.unset')}</option>}
          {(kind === 'boolean' ? [true, false] : field.values).map((each) => {
            const text = typeof each === 'string' ? each : JSON.stringify(each)
            return (
              <option key={text} value={text}>
                {text}
              </option>
            )
          })}
        </select>
      ) : kind === 'json' || kind === 'long' || kind === 'list' ? (
        <textarea
          {...common}
          class="field mono"
          rows={Math.min(12, Math.max(3, value.split('\n').length))}
          spellcheck={false}
          placeholder={example}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      ) : (
        <input
          {...common}
          class="field mono"
          type="text"
          inputMode={kind === 'number' ? 'decimal' : kind === 'integer' ? 'numeric' : undefined}
          autocomplete="off"
          spellcheck={false}
          placeholder={example}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
      {(about !== undefined || kind === 'list') && (
        <small id={`${id}-about`} class="mut" lang={about && langOfText(about)}>
          {about ?? t('try.lines')}
        </small>
      )}
      {problem !== undefined && (
        <small id={`${id}-problem`} class="tools-problem" role="alert">
          {problem}
        </small>
      )}
    </div>
  )
}
