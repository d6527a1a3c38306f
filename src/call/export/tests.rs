use clerk_api::ClientConfig;

use super::*;
use crate::{
    Clerk, Settings,
    call::render::Ceiling,
    ctx::NoKey,
    tool::{
        Reader,
        field::{code, text},
        projection::Projection,
    },
};

static ROW: Fields = Fields::closed(&[&[code("id").identity(), text("name").concise()]]);

fn presentation(name: &FileName) -> Presentation {
    Presentation {
        kind: ResultKind::List("rows"),
        projection: Projection { export_to: Some(name.clone()), ..Projection::default() },
        reader: Reader::Agent,
        limit: Ceiling { tokens: 1_000, is_operators: true },
        page: (0, 10),
        filters: Vec::new(),
        shows_secrets: true,
    }
}

fn ctx() -> Ctx {
    let clerk = Clerk::new(Settings {
        api: ClientConfig::new("http://127.0.0.1:1".parse().unwrap(), "test"),
        key: Err(NoKey),
        profile: None,
        other_secrets: Vec::new(),
        upload_folder: None,
    });
    clerk.begin(None)
}

#[tokio::test]
async fn a_full_file_has_whole_rows_and_says_where_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let name = FileName::parse("rows.csv").unwrap();
    let presentation = presentation(&name);
    let ctx = ctx();
    let begun = Export::begin(folder.path().to_owned(), &name, &ROW, &presentation, &ctx);
    let mut export = begun.await.unwrap();
    // The line of names and two rows.
    export.writing.as_mut().unwrap().limit = 9 + 5 + 5;
    let row = |id: &str| {
        let row = json!({ "id": id, "name": "x" });
        read::composed(&ROW, row).unwrap().value
    };
    let rows = || ["1", "2", "3"].map(row).to_vec();
    assert_eq!(export.take(rows()).await.unwrap(), Room::Short);
    let output = Output { content: Content::Rows(export.sample()), ..Output::default() };
    let output = export.end(output, 3, &presentation).await.unwrap();
    let text = std::fs::read_to_string(folder.path().join("rows.csv")).unwrap();
    assert_eq!(text, "id,name\r\n1,x\r\n2,x\r\n");
    assert_eq!(output.head["nextOffset"], 2);
    assert_eq!(output.head[EXPORT]["rows"], 2);
    let expected = "The file has 2 rows, and there are more. A file has at most 256 MiB. Go on \
                    with offset 2 and another file name.";
    assert_eq!(output.notes, [expected]);
}
