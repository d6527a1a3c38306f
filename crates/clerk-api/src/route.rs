//! Methods and path templates, as constants.

use std::fmt;

/// The HTTP methods that Clerk's Backend API uses.
///
/// A type of its own, since [`reqwest::Method`] has a destructor and holds any method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The method as HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request with this method changes nothing, so that it can be sent again.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Get)
    }

    /// Whether the fields travel in a JSON body; otherwise they travel in the query. Of Clerk's
    /// operations none has query parameters on a write or a body on a GET or DELETE.
    pub(crate) const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }
}

/// What joins the placeholders of one segment, as in `/logs/{event_time}:{event_id}`.
pub(crate) const JOINT: char = ':';

/// A method and a path below `/v1`, such as `DELETE /users/{user_id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path template, as Clerk's OpenAPI file has it.
    pub path: &'static str,
}

impl Route {
    /// A route that is read.
    #[must_use]
    pub const fn get(path: &'static str) -> Self {
        Self { method: Method::Get, path }
    }

    /// A route that is posted to.
    #[must_use]
    pub const fn post(path: &'static str) -> Self {
        Self { method: Method::Post, path }
    }

    /// A route whose resource is replaced.
    #[must_use]
    pub const fn put(path: &'static str) -> Self {
        Self { method: Method::Put, path }
    }

    /// A route whose resource is changed in part.
    #[must_use]
    pub const fn patch(path: &'static str) -> Self {
        Self { method: Method::Patch, path }
    }

    /// A route whose resource is deleted.
    #[must_use]
    pub const fn delete(path: &'static str) -> Self {
        Self { method: Method::Delete, path }
    }

    /// The names of the path's placeholders, in their order.
    pub fn placeholders(self) -> impl Iterator<Item = &'static str> {
        self.path.split(['/', JOINT]).filter_map(placeholder)
    }
}

impl Route {
    /// Whether a path is one of the route's, whatever stands in its placeholders.
    #[must_use]
    pub fn fits(self, path: &str) -> bool {
        let (mut ours, mut theirs) = (self.path.split('/'), path.split('/'));
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(our), Some(their)) if fits_segment(our, their) => {}
                _ => return false,
            }
        }
    }
}

/// An identifier may have the joint in it, so only a template that has one is split at it.
fn fits_segment(ours: &'static str, theirs: &str) -> bool {
    let is_filled = |our: &'static str, their: &str| {
        our == their || (placeholder(our).is_some() && !their.is_empty())
    };
    if !ours.contains(JOINT) {
        return is_filled(ours, theirs);
    }
    let (ours, theirs) = (ours.split(JOINT), theirs.split(JOINT));
    ours.clone().count() == theirs.clone().count()
        && ours.zip(theirs).all(|(our, their)| is_filled(our, their))
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)
    }
}

pub(crate) fn placeholder(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_fits_the_paths_that_its_template_makes() {
        const LOG: Route = Route::get("/logs/{event_time}:{event_id}");
        const USER: Route = Route::get("/users/{user_id}");
        assert!(LOG.placeholders().eq(["event_time", "event_id"]));
        let cases = [
            (LOG, "/logs/1:a", true),
            (LOG, "/logs/schemas", false),
            (LOG, "/logs/1:a:b", false),
            (LOG, "/logs/1:", false),
            (USER, "/users/user_1", true),
            (USER, "/users/a:b", true),
            (USER, "/users/", false),
            (USER, "/users", false),
        ];
        for (route, path, fits) in cases {
            assert_eq!(route.fits(path), fits, "{route} {path}");
        }
    }
}
