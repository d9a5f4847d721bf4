// What happened: one answer, and where its time went.

/** The page of one answer. */
export function AnswerPage({ id }: { id: string }) {
  return (
    <main id="main">
      <h1>{id}</h1>
    </main>
  )
}
