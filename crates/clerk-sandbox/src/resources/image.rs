//! The addresses of uploaded images. The sandbox keeps none, only that there is one.

use super::Call;
use crate::image::Upload;
use crate::refusal::Refusal;
use crate::store::Store;

/// The address of the image in a `multipart/form-data` body, which may have these fields beside it.
pub(super) fn upload(store: &mut Store, call: &Call, beside: &[&str]) -> Result<String, Refusal> {
    let _checked = Upload::read(&call.headers, &call.body, beside)?;
    Ok(format!("https://img.example.com/uploads/{}.png", store.id("img")))
}
