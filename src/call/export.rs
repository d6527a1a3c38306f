//! Writing the rows of a result to a file in place of showing them all.

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{
    Call,
    fit::paged,
    render::{Cleaning, Presentation},
};
use crate::{
    Ctx, Error,
    error::Denial,
    export::{ExportError, ExportFile, FILE_LIMIT, FileName, Format, csv},
    tool::{
        ArgumentError, Content, EXPORT, Output, ResultKind, Tool,
        columns::Columns,
        detail::Detail,
        field::Fields,
        layout::NEXT_OFFSET,
        param::Role,
        read,
        record::Record,
        walk::{Room, Sink, Walked},
    },
};

/// How many rows a file may have.
const MOST_ROWS: u64 = 1_000_000;
/// How many rows of a scan a file may have: they are all in memory before the first is written.
const MOST_OF_SCAN: u64 = 10_000;
/// How many rows of the file the result shows.
pub(super) const SAMPLE: usize = 5;

/// A file on its way, and what it is written from. Writing blocks, so it moves to another thread for
/// each page.
struct Export {
    writing: Option<Writing>,
}

struct Writing {
    file: ExportFile,
    format: Format,
    columns: Columns,
    detail: Detail,
    presentation: Presentation,
    ctx: Ctx,
    rows: u64,
    sample: Vec<Record>,
    /// How many bytes the file may have.
    limit: u64,
    /// Whether there was no room for a row.
    is_full: bool,
}

impl Call<'_> {
    /// Whether the tool's result can be written to a file here.
    pub(super) fn exports(&self) -> bool {
        self.server.export_folder.is_some() && self.tool.exports()
    }

    /// Runs the call, writes its rows to the file, and returns the first of them with a
    /// description of the file. If anything fails, there is no file.
    pub(super) async fn export(
        &self,
        name: &FileName,
        arguments: &Map<String, Value>,
        presentation: &Presentation,
    ) -> Result<Output, Error> {
        let (Some(folder), Some(fields)) =
            (self.server.export_folder.clone(), self.tool.export_fields())
        else {
            return Err(Error::Internal("an export without a folder or without rows"));
        };
        let run = |arguments, ctx| self.ask(arguments, ctx);
        if is_walked(self.tool) {
            let mut export = Export::begin(folder, name, fields, presentation, &self.ctx).await?;
            let given = presentation.projection.max_rows;
            let given = given.or(self.tool.number(Role::Limit, arguments));
            let rows = given.unwrap_or(MOST_ROWS);
            let walk = self.tool.walk(arguments, rows, &mut export, &self.ctx, run);
            let Walked { head, notes, .. } = walk.await?;
            let written = export.written();
            let output = Output { content: Content::Rows(export.sample()), head, notes };
            return export.end(output, written, presentation).await;
        }
        // What is refused is refused before Clerk is asked.
        let file = (folder.clone(), name.clone());
        blocking(move || ExportFile::create(&file.0, &file.1).map(drop)).await?;
        let mut output = run(whole(self.tool, arguments), self.ctx.clone()).await?;
        let Rows { rows, fields, place } = rows_of(self.tool, &mut output, fields)?;
        let mut presentation = presentation.clone();
        if !matches!(place, Place::Content) {
            // They choose of the result, not of such rows.
            presentation.projection.fields = None;
            presentation.projection.detail = Some(Detail::Full);
        }
        let presentation = &presentation;
        let mut export = Export::begin(folder, name, fields, presentation, &self.ctx).await?;
        let all = rows.len() as u64;
        export.take(rows).await?;
        let first = export.sample();
        match place {
            Place::Content => output.content = Content::Rows(first),
            Place::Head(key) => {
                let first = first.iter().map(|row| Value::Object(row.at(Detail::Full)));
                output.head.insert(key, first.collect());
            }
        }
        export.end(output, all, presentation).await
    }
}

/// Whether the tool's list has pages that can be asked for one after the other.
fn is_walked(tool: &Tool) -> bool {
    matches!(tool.result, ResultKind::List(_) | ResultKind::Events(_))
        && tool.has_role(Role::Limit)
        && (tool.has_role(Role::Offset) || tool.has_role(Role::Cursor))
}

/// The arguments of a call that is to return all that it can at once, if it isn't said how much.
fn whole(tool: &Tool, arguments: &Map<String, Value>) -> Map<String, Value> {
    let mut arguments = arguments.clone();
    if let (ResultKind::Scan(_) | ResultKind::Report, Some(limit)) =
        (tool.result, tool.with_role(Role::Limit))
    {
        arguments.entry(limit.name()).or_insert_with(|| MOST_OF_SCAN.into());
    }
    arguments
}

/// The rows of a result, and where they stood in it.
struct Rows {
    rows: Vec<Record>,
    fields: &'static Fields,
    place: Place,
}

enum Place {
    Content,
    /// Beside the content, under this name.
    Head(String),
}

/// Takes the rows out of a result: its own or, if it has none, those that stand in their place.
fn rows_of(tool: &Tool, output: &mut Output, fields: &'static Fields) -> Result<Rows, Error> {
    match std::mem::take(&mut output.content) {
        Content::Rows(rows) => return Ok(Rows { rows, fields, place: Place::Content }),
        Content::Object(report) => output.head.extend(report.at(Detail::Full)),
        Content::None => {}
    }
    let others = tool.other_rows().and_then(|(key, fields)| {
        let Value::Array(rows) = output.head.shift_remove(&key)? else { return None };
        Some((key, fields, rows))
    });
    let Some((key, fields, rows)) = others else {
        let problem = "can't be given with these arguments: the result has no rows";
        return Err(of_argument(problem.to_owned()));
    };
    let rows = rows.into_iter().map(|row| read::composed(fields, row));
    let rows: Result<Vec<Record>, _> = rows.map(|row| row.map(|row| row.value)).collect();
    let unfit = |_| Error::Internal("a group is not what its row declares");
    Ok(Rows { rows: rows.map_err(unfit)?, fields, place: Place::Head(key) })
}

impl Export {
    async fn begin(
        folder: PathBuf,
        name: &FileName,
        fields: &'static Fields,
        presentation: &Presentation,
        ctx: &Ctx,
    ) -> Result<Self, Error> {
        let detail = presentation.file_detail();
        let columns = Columns::of(fields, detail, presentation.projection.fields.as_deref());
        let format = name.format();
        let (name, ctx, presentation) = (name.clone(), ctx.clone(), presentation.clone());
        let begun = blocking(move || {
            let file = ExportFile::create(&folder, &name)?;
            let mut writing = Writing {
                file,
                format,
                columns,
                detail,
                presentation,
                ctx,
                rows: 0,
                sample: Vec::new(),
                limit: FILE_LIMIT,
                is_full: false,
            };
            writing.begin()?;
            Ok(writing)
        });
        Ok(Self { writing: Some(begun.await?) })
    }

    /// How many rows are in the file.
    fn written(&self) -> u64 {
        self.writing.as_ref().map_or(0, |writing| writing.rows)
    }

    /// The first rows of the file.
    fn sample(&mut self) -> Vec<Record> {
        self.writing.as_mut().map(|writing| std::mem::take(&mut writing.sample)).unwrap_or_default()
    }

    /// Gives the file its name, and describes it in the result, which had so
    /// many rows.
    async fn end(
        mut self,
        output: Output,
        all: u64,
        presentation: &Presentation,
    ) -> Result<Output, Error> {
        const LOST: Error = Error::Internal("an export has lost its file");
        let Some(writing) = self.writing.take() else { return Err(LOST) };
        let (rows, bytes, is_full) = (writing.rows, writing.file.bytes(), writing.is_full);
        let (path, columns) = blocking(move || {
            let columns: Vec<String> = writing.columns.names().map(str::to_owned).collect();
            Ok((writing.file.publish()?, columns))
        })
        .await?;
        let Output { content, head, mut notes } = output;
        let mut head = match content {
            Content::Rows(_) => paged(head, usize_of(rows), usize_of(all), presentation),
            _ => head,
        };
        notes.extend(is_part(&head, rows, is_full));
        let path = path.display().to_string();
        let file = json!({ "path": path, "rows": rows, "bytes": bytes, "columns": columns });
        head.insert(EXPORT.to_owned(), file);
        Ok(Output { content, head, notes })
    }
}

fn usize_of(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The note on a file that doesn't have all rows.
fn is_part(head: &Map<String, Value>, rows: u64, is_full: bool) -> Option<String> {
    let why = if is_full {
        format!(" A file has at most {} MiB.", FILE_LIMIT >> 20)
    } else {
        String::new()
    };
    let next = head.get(NEXT_OFFSET).and_then(Value::as_u64);
    next.map(|next| {
        format!(
            "The file has {rows} rows, and there are more.{why} Go on with offset {next} and \
             another file name."
        )
    })
}

impl Sink for Export {
    async fn take(&mut self, rows: Vec<Record>) -> Result<Room, Error> {
        let Some(mut writing) = self.writing.take() else {
            return Err(Error::Internal("an export has lost its file"));
        };
        let (writing, room) = blocking(move || {
            let room = writing.take(rows)?;
            Ok((writing, room))
        })
        .await?;
        self.writing = Some(writing);
        Ok(room)
    }
}

impl Writing {
    fn begin(&mut self) -> Result<(), ExportError> {
        if self.format == Format::JsonLines {
            return Ok(());
        }
        let mut line = Vec::new();
        let names = self.columns.names().map(|name| csv::Cell::Text(name.to_owned()));
        csv::line(names, &mut line);
        self.file.write(&line)
    }

    fn take(&mut self, rows: Vec<Record>) -> Result<Room, ExportError> {
        let ctx = self.ctx.clone();
        // Whatever the operator lets a result show: a file stays.
        let cleaning = Cleaning::new(ctx.redactor(), false);
        let mut lines = Vec::new();
        let mut room = Room::More;
        for mut row in rows {
            cleaning.record(&mut row);
            let mut line = Vec::new();
            self.line(&row, &mut line);
            if self.file.bytes() + (lines.len() + line.len()) as u64 > self.limit {
                (self.is_full, room) = (true, Room::Short);
                break;
            }
            lines.append(&mut line);
            self.rows += 1;
            if self.sample.len() < SAMPLE {
                self.sample.push(row);
            }
        }
        self.file.write(&lines)?;
        Ok(room)
    }

    fn line(&self, row: &Record, line: &mut Vec<u8>) {
        let row = self.presentation.row(row, self.detail);
        match self.format {
            Format::Csv => csv::line(self.columns.cells(row), line),
            Format::JsonLines => {
                line.extend_from_slice(Value::Object(row).to_string().as_bytes());
                line.push(b'\n');
            }
        }
    }
}

/// Writing to a disk can take long: never on the thread that serves everybody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ExportError> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Error::Internal("the thread that writes the file failed"))?
        .map_err(|error| failed(&error))
}

/// The failure of an export, which changed nothing at Clerk and left no file.
fn failed(error: &ExportError) -> Error {
    if error.is_of_name() {
        return of_argument(error.to_string());
    }
    let hint = "Nothing was changed at Clerk, and there is no file. Tell the person: only they can \
                make room or change the permissions.";
    Denial::new("export_failed", format!("the file {error}"), hint).into()
}

/// What is wrong with the argument that names the file.
fn of_argument(problem: String) -> Error {
    Error::Arguments(vec![ArgumentError::new(Tool::EXPORT_TO.name(), problem)])
}
