use super::Platform;
pub static PLATFORM: Platform = Platform {
    name: "csv",
    title: "",
    description: "",
    fields: &[],
    incremental: false,
    remote: &[],
    connect: |_| {
        Err(super::ConnectorError::new(
            super::Class::Protocol,
            "not built yet",
        ))
    },
};
